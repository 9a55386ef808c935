# Whether there is a PgBouncer, and how one is had. Part of `dev`.

# The tests look in the same places: persist-testkit/src/pgbouncer.rs.
find_pgbouncer() {
    local folder
    if [ -n "${PERSIST_PGBOUNCER:-}" ]; then
        echo "$PERSIST_PGBOUNCER"
        return
    fi
    printf '%s\n' "$PATH" /usr/sbin /usr/local/sbin /usr/local/bin /opt/homebrew/bin | tr : '\n' | while IFS= read -r folder; do
        if [ -x "$folder/pgbouncer" ]; then
            echo "$folder/pgbouncer"
            break
        fi
    done
}

# The tests of poolers say that they are skipped where there is none, so this is no reason to stop.
need_pgbouncer() {
    [ -z "$(find_pgbouncer)" ] || return 0
    if [ "$(uname)" = Darwin ]; then
        ! command -v brew >/dev/null || brew install pgbouncer || true
    elif command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || command -v sudo >/dev/null; }; then
        say "installing PgBouncer"
        as_root apt-get update -qq || true
        # The tests start poolers themselves, so the package's own need not run.
        if apt_install pgbouncer && command -v systemctl >/dev/null; then
            as_root systemctl disable --quiet --now pgbouncer || true
        fi
    fi
    [ -n "$(find_pgbouncer)" ] || say "no PgBouncer is found: the tests of poolers are SKIPPED." \
        "Install it with your package manager, or name the program by PERSIST_PGBOUNCER"
}
