"""The questionnaire that a file's answers belong to."""

from node.importing.refusal import WrongMapping
from node.store import signed_documents
from node.store.database import Connection
from schemas.programme import Programme
from schemas.questionnaire import Questionnaire, built_in


def questionnaire_named(connection: Connection, name: str) -> Questionnaire:
    """Return it from the newest programme, or the built-in one. Raises WrongMapping."""
    held = signed_documents.latest(connection, "programme")
    if held is not None:
        for questionnaire in held.signed.peek(Programme).questionnaires:
            if questionnaire.id == name:
                return questionnaire
    try:
        return built_in(name)
    except FileNotFoundError:
        raise WrongMapping(
            "The mapping file names questionnaire {name}, which this centre does not have. "
            "Nothing was stored. Correct its name under `file`.",
            name=name,
        ) from None
