#!/bin/sh
# What a container starts: `paceline` and its arguments, with the password and the compiled functions in their places.
set -eu
umask 077

# The password of the database stands in a file, and goes into another one, for libpq; nothing shows it.
if [ -n "${PACELINE_PASSWORD_FILE:-}" ]; then
  if ! password=$(cat -- "$PACELINE_PASSWORD_FILE" 2>/dev/null); then
    echo "error: PACELINE_PASSWORD_FILE: $PACELINE_PASSWORD_FILE cannot be read" >&2
    exit 2
  fi
  case $password in
    '') echo "error: PACELINE_PASSWORD_FILE: $PACELINE_PASSWORD_FILE is empty" >&2; exit 2 ;;
    *'
'*) echo "error: PACELINE_PASSWORD_FILE: $PACELINE_PASSWORD_FILE has more than one line" >&2; exit 2 ;;
  esac
  rm -f -- "$PGPASSFILE"
  printf '%s' "$password" | sed 's/[\\:]/\\&/g; s/^/*:*:*:*:/' > "$PGPASSFILE"
  unset password
fi

# Where the root is read-only, or the user another one, compiled functions are used from a copy of one's own.
if [ -d "${NUMBA_CACHE_DIR:-}" ] && ! [ -w "$NUMBA_CACHE_DIR" ]; then
  mine=${TMPDIR:-/tmp}/compiled
  [ -d "$mine" ] || cp -R -p -- "$NUMBA_CACHE_DIR" "$mine"
  export NUMBA_CACHE_DIR="$mine"
fi

exec paceline "$@"
