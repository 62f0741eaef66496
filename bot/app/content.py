"""What editors and maintainers do with knowledge/: check it, stamp translations, embed it."""

import sys


def check() -> int:
    """Print every problem of the knowledge folder; exit code 1 when one must be repaired."""
    from bot.knowledge import load, problems

    found = problems()
    for problem in found:
        print(problem)
    errors = sum(problem.severity == "error" for problem in found)
    warnings = len(found) - errors
    if not errors:
        knowledge = load()
        counted = ", ".join(
            f"{language} {len(knowledge.articles(language))}/{len(knowledge.topics)}"
            for language in knowledge.languages
        )
        print(
            f"knowledge: {counted} articles, {len(knowledge.facts)} facts, "
            f"{len(knowledge.contacts)} contacts, {warnings} warnings"
        )
    else:
        print(f"knowledge: {errors} errors, {warnings} warnings", file=sys.stderr)
    return 1 if errors else 0


def stamp() -> int:
    """Fill ``translated_from`` where it is empty, so that stale translations are noticed."""
    from bot.knowledge import stamp as stamp_folder

    changed = stamp_folder()
    print(f"{len(changed)} translations stamped")
    return 0


def vectors(*, only_check: bool) -> int:
    """Embed what changed in knowledge/ and fit the weights anew, or only say what is stale."""
    from bot.answering.learning import main as learn

    return learn(["--check"] if only_check else [])
