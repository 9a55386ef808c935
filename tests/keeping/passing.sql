CREATE TABLE topics (id integer PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE articles (id integer PRIMARY KEY, title text NOT NULL);
CREATE TABLE article_topics (
    article_id integer REFERENCES articles ON DELETE CASCADE, topic text REFERENCES topics (name) ON UPDATE CASCADE,
    PRIMARY KEY (article_id, topic)
);
CREATE TABLE gates (id integer PRIMARY KEY, code text NOT NULL UNIQUE);
CREATE TABLE lanes (
    gate_code text REFERENCES gates (code) ON UPDATE CASCADE, number integer, note text NOT NULL, PRIMARY KEY (gate_code, number)
);
CREATE TABLE lamps (id integer PRIMARY KEY, gate_code text NOT NULL REFERENCES gates (code) ON UPDATE CASCADE);
CREATE INDEX ON lamps (gate_code);
CREATE TABLE teams (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE members (id integer PRIMARY KEY, team_id integer NOT NULL REFERENCES teams, name text NOT NULL);
CREATE INDEX ON members (team_id);
CREATE TABLE rooms (tenant integer, id integer, PRIMARY KEY (tenant, id));
CREATE TABLE guests (tenant integer, id integer, PRIMARY KEY (tenant, id));
CREATE TABLE stays (
    id integer PRIMARY KEY, tenant integer, room_id integer, guest_id integer,
    FOREIGN KEY (tenant, room_id) REFERENCES rooms, FOREIGN KEY (tenant, guest_id) REFERENCES guests
);
CREATE INDEX ON stays (tenant, room_id);
CREATE INDEX ON stays (tenant, guest_id);
CREATE TABLE desks (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE seats (
    id integer PRIMARY KEY, desk_id integer NOT NULL REFERENCES desks, is_active boolean NOT NULL DEFAULT true, note text NOT NULL
);
CREATE INDEX ON seats (desk_id);
CREATE UNIQUE INDEX ON seats (desk_id) WHERE is_active;
CREATE TYPE job_state AS ENUM ('open', 'done');
CREATE TABLE jobs (id integer PRIMARY KEY, desk_id integer NOT NULL REFERENCES desks, state job_state NOT NULL, version bigint NOT NULL DEFAULT 1);
CREATE UNIQUE INDEX ON jobs (desk_id) WHERE state = 'open' AND desk_id IS NOT NULL;
CREATE TABLE words (id integer PRIMARY KEY, word text NOT NULL, folded text GENERATED ALWAYS AS (lower(word)) STORED UNIQUE);
CREATE TABLE slugs (id integer PRIMARY KEY, slug text NOT NULL, EXCLUDE USING btree (slug WITH =));
CREATE TABLE menus (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE dishes (id integer PRIMARY KEY, menu_id integer NOT NULL REFERENCES menus, slot text NOT NULL, UNIQUE (menu_id, slot));
CREATE TABLE labels (id integer PRIMARY KEY, word text NOT NULL UNIQUE);
CREATE TABLE stamps (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, word text NOT NULL);
CREATE TABLE papers (id integer PRIMARY KEY, title text NOT NULL);
CREATE TABLE paper_labels (paper_id integer REFERENCES papers ON DELETE CASCADE, label_id integer REFERENCES labels, PRIMARY KEY (paper_id, label_id));
CREATE TABLE paper_stamps (paper_id integer REFERENCES papers ON DELETE CASCADE, stamp_id bigint REFERENCES stamps, PRIMARY KEY (paper_id, stamp_id));
CREATE TABLE baskets (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, version bigint NOT NULL DEFAULT 1);
CREATE TABLE items (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, basket_id bigint NOT NULL REFERENCES baskets ON DELETE CASCADE, place integer NOT NULL,
    version bigint NOT NULL DEFAULT 1, UNIQUE (basket_id, place)
);
CREATE TABLE stickers (id integer PRIMARY KEY, item_id bigint REFERENCES items, words text[] NOT NULL);
CREATE INDEX ON stickers (item_id);
CREATE TABLE sites (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE pages (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, site_id integer NOT NULL REFERENCES sites, slug text NOT NULL UNIQUE);
CREATE INDEX ON pages (site_id);
CREATE TABLE words_of_pages (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, word text NOT NULL UNIQUE);
CREATE TABLE page_words (page_slug text REFERENCES pages (slug), word text REFERENCES words_of_pages (word), PRIMARY KEY (page_slug, word));
CREATE TABLE shelves (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE volumes (id integer PRIMARY KEY, shelf_id integer REFERENCES shelves ON DELETE SET NULL, note text NOT NULL);
CREATE INDEX ON volumes (shelf_id);
CREATE TABLE docs (id integer PRIMARY KEY, team_id integer REFERENCES teams, basket_id bigint REFERENCES baskets);
CREATE INDEX ON docs (team_id);
CREATE INDEX ON docs (basket_id);
CREATE TABLE tickets (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), word text NOT NULL);
CREATE TABLE paper_sites (paper_id integer REFERENCES papers, site_id integer REFERENCES sites, PRIMARY KEY (paper_id, site_id));
CREATE TABLE piers (id integer PRIMARY KEY, town text NOT NULL DEFAULT 'x', code text UNIQUE, UNIQUE (town, code));
CREATE TABLE boats (
    id integer PRIMARY KEY, town text, pier_code text, FOREIGN KEY (town, pier_code) REFERENCES piers (town, code) ON UPDATE CASCADE ON DELETE SET NULL
);
CREATE INDEX ON boats (town, pier_code);
CREATE TABLE rings (pier_code text REFERENCES piers (code) ON UPDATE CASCADE, number integer, PRIMARY KEY (pier_code, number));
CREATE TABLE bells (id integer PRIMARY KEY, pier_code text UNIQUE REFERENCES piers (code) ON UPDATE CASCADE);
CREATE TABLE signs (id integer PRIMARY KEY, word text NOT NULL);
CREATE TABLE hints (id integer PRIMARY KEY, sign_id integer NOT NULL REFERENCES signs, text text NOT NULL);
CREATE INDEX ON hints (sign_id);
CREATE TABLE colors (id integer PRIMARY KEY, word text NOT NULL);
CREATE TABLE sign_colors (sign_id integer REFERENCES signs, color_id integer REFERENCES colors, PRIMARY KEY (sign_id, color_id));
CREATE TABLE letters (id integer PRIMARY KEY, title text NOT NULL DEFAULT '');
CREATE TABLE letter_signs (letter_id integer REFERENCES letters, sign_id integer REFERENCES signs, PRIMARY KEY (letter_id, sign_id))
