"""Addresses of databases: read, refused, and shown without what is secret in them."""

from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import URL, exc, make_url

from entities.errors import InputError

SQLITE, POSTGRESQL = "sqlite", "postgresql"
_SUPPORTED = {
    "sqlite": SQLITE,
    "sqlite+pysqlite": SQLITE,
    "postgresql": POSTGRESQL,
    "postgresql+psycopg": POSTGRESQL,
    "postgres": POSTGRESQL,  # as libpq reads it
}
_ALLOWED = "must be a file, or a URL such as sqlite:///ads.db or postgresql://user@host/ads"
_SHOWN = {"host", "port"}
"""What a query may have that is shown; anything else may be secret."""


def read(url_or_path: str | Path) -> URL:
    """Return the address of a database; InputError for one that cannot be read, or that nobody has tried.

    A user and a password in the query are moved to where a URL has them.
    """
    text = str(url_or_path)
    if "://" not in text:
        if not text.strip() or "\0" in text:
            raise InputError(f"database {text!r} {_ALLOWED}")
        return URL.create(SQLITE, database=text)
    try:
        url = _moved(make_url(text))
    except (exc.ArgumentError, ValueError):
        raise InputError(f"the database URL cannot be read; it {_ALLOWED}") from None
    if "@" in (url.host or ""):
        raise InputError("the database URL cannot be read; in a user or a password @ is written %40")
    match _SUPPORTED.get(url.drivername):
        case "sqlite":
            return _file(url)
        case "postgresql":
            return _server(url)
    raise InputError(f"database {shown(url)}: {url.drivername} is not supported; {_ALLOWED}")


def shown(url: URL) -> str:
    """Return *url* for people: a file by its name, a server without password and options."""
    if url.drivername == SQLITE and not (url.query or url.host or url.username):
        return url.database or "in memory"
    public = {key: value for key, value in url.query.items() if key in _SHOWN}
    return url.set(drivername=url.drivername.removesuffix("+psycopg"), query=public).render_as_string()


def typed(url: URL) -> str:
    """Return *url* as a command takes it, without its password, for which there is ~/.pgpass."""
    return shown(URL.create(url.drivername, url.username, None, url.host, url.port, url.database, url.query))


def _file(url: URL) -> URL:
    if url.host or url.port or url.username or url.password:
        raise InputError(f"database {shown(url)}: a file is named as sqlite:///ads.db")
    if url.query:
        name = shown(url.set(query={}))
        raise InputError(f"database {name}: SQLite's options after ? are not supported; name the file alone")
    return url.set(drivername=SQLITE)


def _server(url: URL) -> URL:
    url = url.set(drivername="postgresql+psycopg")
    if find_spec("psycopg") is None:
        raise InputError(
            f"database {shown(url)}: PostgreSQL needs psycopg;"
            " install it with: pip install 'paceline[postgres]'"
        )
    return url


def _moved(url: URL) -> URL:
    given = dict(url.query)
    user, password = given.pop("user", ""), given.pop("password", "")
    if isinstance(user, tuple) or isinstance(password, tuple):
        raise ValueError("several of a kind")  # noqa: TRY004 - what make_url raises for an address that it cannot read
    if (user and url.username) or (password and url.password):
        raise ValueError("two of a kind")
    return url.set(
        username=url.username or user or None,
        password=url.password or password or None,
        query=given,
    )
