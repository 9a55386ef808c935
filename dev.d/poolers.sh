# Which poolers there are, and how they are had. Part of `dev`.

need_poolers() {
    need_pooler PgBouncer pgbouncer pgbouncer pgbouncer PERSIST_PGBOUNCER
    need_pooler pgpool-II pgpool pgpool2 pgpool-ii PERSIST_PGPOOL
}

# `find_pooler PROGRAM VARIABLE`. The tests look in the same places: persist-testkit/src/pooler.rs.
find_pooler() {
    local folder
    if [ -n "${!2:-}" ]; then
        echo "${!2}"
        return
    fi
    printf '%s\n' "$PATH" /usr/sbin /usr/local/sbin /usr/local/bin /opt/homebrew/bin | tr : '\n' | while IFS= read -r folder; do
        if [ -x "$folder/$1" ]; then
            echo "$folder/$1"
            break
        fi
    done
}

# `need_pooler TITLE PROGRAM PACKAGE_OF_APT PACKAGE_OF_HOMEBREW VARIABLE`. The tests of poolers say that they are skipped
# where there is none, so this is no reason to stop.
need_pooler() {
    [ -z "$(find_pooler "$2" "$5")" ] || return 0
    if [ "$(uname)" = Darwin ]; then
        ! command -v brew >/dev/null || brew install "$4" || true
    elif command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || command -v sudo >/dev/null; }; then
        say "installing $1"
        as_root apt-get update -qq || true
        # The tests start poolers themselves, so the package's own need not run.
        if apt_install "$3" && command -v systemctl >/dev/null; then
            as_root systemctl disable --quiet --now "$3" || true
        fi
    fi
    [ -n "$(find_pooler "$2" "$5")" ] || say "no $1 is found: its tests are SKIPPED." \
        "Install it with your package manager, or name the program by $5"
}
