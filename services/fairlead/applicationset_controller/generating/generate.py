"""From a set to its Applications: parameters of all generators, each filled into the template.

Invariant: all of them or a GenerationError. Whoever calls may take what is missing for unwanted, so nothing
that could not be asked, read or rendered is ever left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from fairlead.applicationset_controller.generating.errors import (
    PARAMETERS,
    TEMPLATE,
    GenerationError,
    GeneratorError,
)
from fairlead.applicationset_controller.generating.generation import SOON, Generation, Watched
from fairlead.applicationset_controller.generating.parameters import MOST_SETS
from fairlead.applicationset_controller.generating.produce import block_of, produced
from fairlead.applicationset_controller.generating.sources import Sources
from fairlead.applicationset_controller.templating.application import ApplicationError, Made, applications
from fairlead.applicationset_controller.templating.fast import FastTemplates
from fairlead.applicationset_controller.templating.fill import TemplateError, Templates
from fairlead.applicationset_controller.templating.go import GoTemplates
from fairlead.applicationset_controller.templating.overlay import overlaid
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.decode import to_object
from fairlead.model.generators import Generator
from fairlead.render import Scripts

MOST_STRANGERS = 3
"""Fields of one patch that are told."""
_NAMESPACE = "template.metadata.namespace has no effect: applications are made in the set's namespace"


class Generated(msgspec.Struct, frozen=True, kw_only=True):
    """What a set comes to.

    `requeue_after` is in seconds; `watched` should wake the set; `words` say what is accepted and has no
    effect.
    """

    made: tuple[Made, ...]
    requeue_after: float | None = None
    watched: tuple[Watched, ...] = ()
    words: tuple[str, ...] = ()


async def generate(
    aset: ApplicationSet, sources: Sources, scripts: Scripts, *, requeue_after: float = SOON
) -> Generated:
    """The Applications of a set, in the order of its generators. Raises GenerationError.

    They have a name, labels, annotations and finalizers as the template says, and no namespace: that is the
    set's. Names may occur twice, which is for the caller to say.
    """
    base = to_object(aset.spec.template)
    templates = _templates(aset, scripts)
    generation = Generation(
        name=aset.metadata.name,
        namespace=aset.metadata.namespace,
        project=_project(base),
        sources=sources,
        templates=templates,
        requeue_after=requeue_after,
    )
    made: list[Made] = []
    for generator in aset.spec.generators:
        made += await _made(generator, base, aset.spec.template_patch, generation)
        if len(made) > MOST_SETS:
            raise GenerationError(PARAMETERS, f"the set comes to more than {MOST_SETS} applications")
    return Generated(
        made=tuple(made),
        requeue_after=generation.again,
        watched=tuple(Watched(repo_url=url, revision=at) for url, at in sorted(generation.watched)),
        words=tuple(generation.words),
    )


async def _made(
    generator: Generator, base: Mapping[str, Any], patch: str | None, generation: Generation
) -> list[Made]:
    try:
        _, block = block_of(generator)
        sets = await produced(generator, generation)
    except GeneratorError as error:
        raise GenerationError(PARAMETERS, str(error)) from error
    except TemplateError as error:
        raise GenerationError(PARAMETERS, str(error), took_too_long=error.took_too_long) from error
    template = overlaid(to_object(block.template), base) if block.template is not None else dict(base)
    namespace = (template.get("metadata") or {}).get("namespace")
    if namespace and namespace != generation.namespace:
        generation.say(
            "template.metadata.namespace has no effect: applications are made in the set's namespace"
        )
    try:
        made = await applications(template, patch, sets, generation.templates)
    except ApplicationError as error:
        raise GenerationError(TEMPLATE, str(error), took_too_long=error.took_too_long) from error
    for one in made:
        one.application["metadata"].pop("namespace", None)
        for field in one.strangers[:MOST_STRANGERS]:
            generation.say(f"templatePatch: {field} is no field of an Application, so it has no effect")
    return made


def _templates(aset: ApplicationSet, scripts: Scripts) -> Templates:
    if aset.spec.go_template:
        return GoTemplates(scripts, aset.spec.go_template_options)
    return FastTemplates()


def _project(template: Mapping[str, Any]) -> str:
    """The project that the template names; "" where that depends on parameters."""
    project = str((template.get("spec") or {}).get("project", ""))
    return "" if "{{" in project else project or "default"
