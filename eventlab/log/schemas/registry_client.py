"""Ask a schema registry, with Confluent's own client; what it objects to comes in plain words."""

import os
import re
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from eventlab.checked import checked
from eventlab.errors import CallError, ContractError, UsageError, shown
from eventlab.log.schemas.avro_schema import AvroSchema, parsed
from eventlab.log.schemas.compatibility import Level

if TYPE_CHECKING:
    from confluent_kafka.schema_registry import SchemaRegistryClient, SchemaRegistryError

VARIABLE = "EVENTLAB_SCHEMA_REGISTRY"
_ANSWER_SECONDS = 5.0
_SETTINGS = {"timeout": _ANSWER_SECONDS, "max.retries": 2, "retries.wait.ms": 200}
_PASSWORD = re.compile(r"(?<=:)[^:@/]*(?=@)")

_INCOMPATIBLE = 409
_NOT_FOUND = 404
_SERVER_FAILED = 500

_NO_REGISTRY = (ValueError, KeyError, TypeError, AttributeError)

Answer = TypeVar("Answer")


def external_url() -> str | None:
    """Return the URL of a registry of your own that the environment names, None for none."""
    return os.environ.get(VARIABLE) or None


class Registered(NamedTuple):
    """A schema as the registry has it: under which subject, which version, by which id."""

    subject: str
    version: int
    id: int
    schema: AvroSchema


class RegistryClient:
    """Ask the registry at a URL; opens no connection until it is asked something.

    Methods raise ContractError for what it refuses, CallError where it does not answer. May be used
    from any thread, and goes to another process without its connection.
    """

    @checked
    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise UsageError(
                "This is not the URL of a schema registry",
                expected="http://host:port or https://user:password@host",
                found=shown(without_password(url)),
                remedy="Take that of lab.new_registry().url, or of your own.",
            )
        self.url = url

    def __repr__(self) -> str:
        return f"RegistryClient({without_password(self.url)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return RegistryClient, (self.url,)

    @cached_property
    def plain(self) -> "SchemaRegistryClient":
        """Return Confluent's own client, with its settings for a lab: it gives up sooner."""
        from confluent_kafka.schema_registry import SchemaRegistryClient

        return SchemaRegistryClient({"url": self.url, **_SETTINGS})

    def register(self, subject: str, schema: AvroSchema) -> Registered:
        """Register a schema as the newest version of a subject; what is there already stays."""
        from confluent_kafka.schema_registry import Schema

        sent = Schema(schema.text, "AVRO")
        self._asked(f"take the schema for {subject}", lambda c: c.register_schema(subject, sent))
        # Of a schema that it knows already, an older registry tells the id, and not the version.
        what = f"find the schema of {subject}"
        return _registered(self._asked(what, lambda c: c.lookup_schema(subject, sent)))

    def version(self, subject: str, version: int | None = None) -> Registered:
        """Return a version of a subject, by default the latest."""
        number: Any = "latest" if version is None else version
        what = f"find version {number} of {subject}"
        return _registered(self._asked(what, lambda c: c.get_version(subject, number)))

    def schema(self, schema_id: int) -> AvroSchema:
        """Return the schema that has an id."""
        found = self._asked(f"find the schema {schema_id}", lambda c: c.get_schema(schema_id))
        return parsed(str(found.schema_str))

    def version_of(self, schema_id: int, subject: str) -> int | None:
        """Return which version of a subject has an id, None where it has none."""
        what = f"find the versions of the schema {schema_id}"
        found = self._asked(what, lambda c: c.get_schema_versions(schema_id))
        return next((one.version for one in found if one.subject == subject), None)

    def set_level(self, subject: str, level: Level) -> None:
        """Set which changes of a subject are allowed from now on."""
        self._asked(f"set the level of {subject}", lambda c: c.set_compatibility(subject, level))

    def level(self, subject: str) -> str:
        """Return which changes of a subject are allowed: its own level, or that of all."""
        return self._asked(f"name the level of {subject}", lambda c: _level(c, subject))

    def subjects(self, prefix: str = "") -> list[str]:
        """Return the names of what has schemas."""
        found = self._asked("name its subjects", lambda c: c.get_subjects(subject_prefix=prefix))
        return sorted(found)

    def versions(self, subject: str) -> list[int]:
        """Return the numbers of a subject's versions."""
        return list(self._asked(f"name versions of {subject}", lambda c: c.get_versions(subject)))

    def forget(self, subject: str) -> None:
        """Delete a subject with all its versions, for good."""
        what = f"forget {subject}"
        self._asked(what, lambda c: c.delete_subject(subject))  # the API wants it in two steps
        self._asked(what, lambda c: c.delete_subject(subject, permanent=True))

    def _asked(self, what: str, question: "Callable[[SchemaRegistryClient], Answer]") -> Answer:
        # 25 MB that whoever writes by one contract, and reads no other version, does without.
        from confluent_kafka.schema_registry import SchemaRegistryError
        from confluent_kafka.schema_registry.common._httpx_compat import httpx

        try:
            return question(self.plain)
        except SchemaRegistryError as error:
            raise self._refusal(what, error) from None
        except httpx.TimeoutException:
            raise self._silence(what, "none in time", "timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._silence(what, f"{type(error).__name__}: {error}", "refused") from None
        except _NO_REGISTRY as error:  # a server of something else: its answer is another
            found = f"one that is no registry's ({type(error).__name__}: {error})"
            raise self._silence(what, found, "answer") from None

    def _refusal(self, what: str, error: "SchemaRegistryError") -> Exception:
        status = error.http_status_code
        message = str(error.error_message)
        if status == _INCOMPATIBLE:
            return ContractError(
                "The new version breaks the contract",
                expected="one that those before it allow",
                found=message,
                remedy="Give a field that is new, or goes, a default; or begin another subject.",
            )
        if status >= _SERVER_FAILED:
            return CallError(
                f"The schema registry did not {what}",
                expected="an answer",
                found=f"status {status}: {message}",
                remedy="Ask again when the log is back; lab.new_registry() begins anew, and empty.",
                reason=f"status {status}",
                status=status,
            )
        return ContractError(
            f"The schema registry did not {what}",
            expected="what it knows and allows",
            found=f"{message} ({error.error_code})",
            remedy="registry.schemas() shows what it has.",
        )

    def _silence(self, what: str, found: str, reason: str) -> CallError:
        return CallError(
            f"The schema registry at {without_password(self.url)} did not {what}",
            expected=f"an answer within {_ANSWER_SECONDS:g} s",
            found=found,
            remedy=f"Start it: registry.start(); one of your own is named by {VARIABLE}.",
            reason=reason,
        )


def without_password(url: str) -> str:
    """Return the URL as it may be shown."""
    return _PASSWORD.sub("…", url)


def _level(client: "SchemaRegistryClient", subject: str) -> str:
    from confluent_kafka.schema_registry import SchemaRegistryError

    try:
        return client.get_compatibility(subject)
    except SchemaRegistryError as error:
        if error.http_status_code != _NOT_FOUND:
            raise
        return client.get_compatibility()


def _registered(found: Any) -> Registered:
    schema = parsed(str(found.schema.schema_str))
    return Registered(found.subject, found.version, found.schema_id, schema)
