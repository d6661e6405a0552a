"""What one hydration leads to, as objects and as refs that are to move; nothing is pushed here.

Invariant: it stands upon the branch as it was read, and holds only the files that this service writes.
"""

import asyncio
from collections.abc import Sequence

import msgspec

from fairlead.archives.pack import COMMIT, TREE
from fairlead.commit_server.commit import BEGINNING, EMPTY, committed, id_of, note_on, noted
from fairlead.commit_server.repository import Branch
from fairlead.commit_server.signing import Signer
from fairlead.commit_server.tree import Packed, files_in, grown, read_folders, root_of
from fairlead.git.pushing import RefUpdate
from fairlead.git.trees import Trees
from fairlead.hydration import texts
from fairlead.hydration.dry import DryMetadata
from fairlead.hydration.errors import TextRefusedError
from fairlead.hydration.files import (
    ATTRIBUTES,
    GENERATED,
    IN_FOLDER,
    MANIFEST,
    METADATA,
    README,
    Folder,
    differing,
)
from fairlead.render.scripts import ScriptError, Scripts
from fairlead.rpc.hydration import Hydrate


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for: of a dry commit, these folders."""

    asked: Hydrate
    metadata: DryMetadata
    folders: Sequence[Folder]

    @property
    def sync(self) -> str:
        """The ref of the sync branch."""
        return f"refs/heads/{self.asked.sync_branch}"

    @property
    def target(self) -> str:
        """The ref of the branch that is written to."""
        return f"refs/heads/{self.asked.target_branch}"


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What it leads to: the head, the refs that move for it, and the objects. `upon` is the branch as it was
    read, `changed` the folders that are other than what was there."""

    upon: Branch
    head: str
    updates: tuple[RefUpdate, ...]
    packed: Packed
    changed: int


class Maker:
    """Makes commits. Without a `signer` they are not signed."""

    def __init__(self, scripts: Scripts, signer: Signer | None) -> None:
        self._scripts = scripts
        self._signer = signer

    async def make(self, work: Work, trees: Trees, branch: Branch) -> Made:
        """Raises GitError, HydrationError, ScriptError, SigningError."""
        updates, packed = list[RefUpdate](), Packed()
        head = branch.head
        if not branch.sync and work.sync != work.target:
            body = await committed(work.asked.authoring, EMPTY, [], BEGINNING, self._signer)
            packed += [(TREE, b""), (COMMIT, body)]
            updates.append(RefUpdate(ref=work.sync, old="", new=id_of(body)))
            head = head or id_of(body)
        root = await root_of(trees, branch.head)
        found = await read_folders(trees, root, (folder.path for folder in work.folders))
        there = {
            folder.path: files_in(found[folder.path], IN_FOLDER)
            for folder in work.folders
            if folder.path in found
        }
        changed = await asyncio.to_thread(differing, work.folders, there)
        if changed:
            files = await self._files(work, changed)
            if ATTRIBUTES.encode() not in found[""]:
                files[ATTRIBUTES] = GENERATED
            tree, objects = await asyncio.to_thread(grown, found, files)
            message = await self._message(work)
            parents = [head] if head else []
            body = await committed(work.asked.authoring, tree, parents, message, self._signer)
            packed += [*objects, (COMMIT, body)]
            head = id_of(body)
        if head != branch.target:
            updates.append(RefUpdate(ref=work.target, old=branch.target, new=head))
        made = Made(upon=branch, head=head, updates=tuple(updates), packed=packed, changed=len(changed))
        return await self.with_note(work, trees, made)

    async def with_note(self, work: Work, trees: Trees, made: Made) -> Made:
        """With the note on its head, unless it is there. Raises GitError."""
        notes = made.upon.notes
        if texts.dry_sha_of(await note_on(trees, notes, made.head)) == work.metadata.dry_sha:
            return made
        content = texts.note(work.metadata)
        commit, packed = await noted(trees, notes, made.head, content, work.asked.authoring)
        update = RefUpdate(ref=texts.NOTES, old=notes, new=commit)
        return msgspec.structs.replace(made, updates=(*made.updates, update), packed=[*made.packed, *packed])

    async def _files(self, work: Work, changed: Sequence[Folder]) -> dict[str, bytes]:
        template = work.asked.authoring.readme_template or texts.README_TEMPLATE
        files = {METADATA: texts.root_metadata(work.metadata)}
        for folder in changed:
            filled = await self._filled(template, work, "sourceHydrator.readmeMessageTemplate", folder)
            files[f"{folder.path}/{MANIFEST}"] = folder.manifest
            files[f"{folder.path}/{README}"] = texts.readme(filled)
            files[f"{folder.path}/{METADATA}"] = texts.folder_metadata(work.metadata, folder.commands)
        return files

    async def _message(self, work: Work) -> str:
        template = work.asked.authoring.message_template or texts.MESSAGE_TEMPLATE
        return texts.message(await self._filled(template, work, "sourceHydrator.commitMessageTemplate"))

    async def _filled(self, template: str, work: Work, key: str, folder: Folder | None = None) -> str:
        try:
            return await self._scripts.template(template, texts.variables(work.metadata, folder))
        except ScriptError as error:
            if error.may_pass:
                raise
            raise TextRefusedError(f"{key} of argocd-cm: {error}") from error


async def dry_sha_at(trees: Trees, branch: Branch) -> str:
    """The dry commit that the head was made from: by its note, else by what stands at its root, else ""."""
    if not branch.head:
        return ""
    noted_sha = texts.dry_sha_of(await note_on(trees, branch.notes, branch.head))
    if noted_sha:
        return noted_sha
    found = await read_folders(trees, await root_of(trees, branch.head), [])
    oid = files_in(found[""], [METADATA]).get(METADATA)
    return texts.dry_sha_of((await trees.objects.contents([oid], "blob"))[0]) if oid else ""
