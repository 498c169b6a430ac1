"""What one does with a chapter's databases."""

from abc import abstractmethod
from typing import TYPE_CHECKING

from eventlab.checked import checked
from eventlab.lab.names import user_word
from eventlab.lab.service_verbs import ServiceVerbs

if TYPE_CHECKING:  # a chapter without a database needs none of this
    from eventlab.database import Database


class DatabaseVerbs(ServiceVerbs):
    """Work with databases whose names begin with one prefix; a part of Verbs."""

    @abstractmethod
    def name(self, name: str) -> str:
        """Return a name that is this chapter's own."""

    @checked
    def new_database(self, name: str = "main") -> "Database":
        """Make a database of the chapter's own anew and empty, on a real PostgreSQL.

        The first lab that asks for one starts the server, which ends with the last that has one;
        EVENTLAB_POSTGRES names a server to use in its place. Any client takes its `url`. Raises
        SetupError and DatabaseError.

        Examples:
            >>> database = lab.new_database()
            >>> with database.connect(autocommit=True) as connection:
            ...     _ = connection.execute("create table orders (id int primary key, cents int)")
            ...     _ = connection.execute("insert into orders values (1, 20), (2, 5)")
            >>> database.sql("select sum(cents) as cents from orders")
               cents
            0     25
        """
        from eventlab.database import new_database

        own = self._users_prefix + self.name(name)
        place = f"database {own}"
        self._opened.close_at(place)
        database = new_database(own)
        self._opened.add(database.close, place)
        if database.notice:
            print(database.notice)
        return database

    @property
    def _users_prefix(self) -> str:
        """Return the user's name, where others have databases too and no prefix has it yet."""
        from eventlab.database.urls import external_url

        is_missing = external_url() is not None and not self.broker.external
        return f"{user_word()}." if is_missing else ""
