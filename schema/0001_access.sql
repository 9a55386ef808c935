-- Who may do what: users, roles and permissions.

CREATE DOMAIN email_address AS text
    CONSTRAINT email_address_has_at_sign CHECK (VALUE ~ '^[^@\s]+@[^@\s]+$');

COMMENT ON DOMAIN email_address IS 'Something, an at sign, something. Whether it can be reached is found out by writing to it.';

CREATE TABLE users (
    id              uuid PRIMARY KEY,
    email           email_address NOT NULL UNIQUE,
    display_name    text NOT NULL,
    password_hash   bytea,                       -- NULL: signs in through the identity provider only
    is_active       boolean NOT NULL DEFAULT true,
    last_login_at   timestamptz,
    last_login_from inet,
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE users IS 'People and service accounts.';
COMMENT ON COLUMN users.version IS 'Counts the changes of this row; an update that names an older one is refused.';

-- The search box of the administration page ignores case.
CREATE INDEX users_display_name_lower_idx ON users (lower(display_name));

CREATE TABLE roles (
    id          uuid PRIMARY KEY,
    name        varchar(64) NOT NULL UNIQUE,
    description text,
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE permissions (
    id          uuid PRIMARY KEY,
    resource    text NOT NULL,
    action      text NOT NULL CHECK (action IN ('read', 'write', 'execute', 'administer')),
    description text,
    UNIQUE (resource, action)
);

CREATE TABLE user_roles (
    user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role_id    uuid NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    granted_by uuid REFERENCES users (id) ON DELETE SET NULL,
    granted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, role_id)
);

-- The primary key serves "the roles of a user"; these serve the other ways round.
CREATE INDEX user_roles_role_id_idx ON user_roles (role_id);
CREATE INDEX user_roles_granted_by_idx ON user_roles (granted_by) WHERE granted_by IS NOT NULL;

CREATE TABLE role_permissions (
    role_id       uuid NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    permission_id uuid NOT NULL REFERENCES permissions (id) ON DELETE RESTRICT,
    PRIMARY KEY (role_id, permission_id)
);

CREATE INDEX role_permissions_permission_id_idx ON role_permissions (permission_id);
