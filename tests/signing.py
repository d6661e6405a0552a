"""Keys that sign commits in tests, and the commits: made here, so that no `gpg` and no agent is needed."""

import asyncio
import base64
import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pysequoia import Cert, CipherSuite, Sig, SignatureMode, Tsk, sign

from fairlead.local.work_repo import WorkRepo
from fairlead.openpgp import read_keys
from fairlead.signatures.ssh_key import fingerprint_of

Private = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Signer(Protocol):
    """Signs a payload; the signature in armour."""

    def sign(self, payload: bytes) -> bytes: ...


class GpgKey:
    """An OpenPGP key with a subkey that signs."""

    def __init__(self, name: str = "Alice <alice@shop.example>", suite: CipherSuite | None = None) -> None:
        self.secret = Tsk.generate(name, cipher_suite=suite)
        self.cert: Cert = self.secret.extract_certificate()

    @property
    def text(self) -> str:
        return str(self.cert)

    @property
    def key_id(self) -> str:
        return read_keys(self.text)[0].key_id

    @property
    def signing_id(self) -> str:
        """The id that signatures name."""
        issuer = Sig.from_bytes(self.sign(b"x")).issuer_fingerprint
        assert issuer is not None
        return issuer[-16:].upper()

    @property
    def entry(self) -> dict[str, str]:
        return {self.key_id: self.text}

    def sign(self, payload: bytes) -> bytes:
        return sign(self.secret.signer(), payload, mode=SignatureMode.DETACHED)


class SshKey:
    """A key of OpenSSH of a kind: ed25519, rsa or a curve of NIST."""

    def __init__(self, kind: str = "ed25519") -> None:
        self.kind = kind
        self.private: Private
        if kind == "ed25519":
            self.private = ed25519.Ed25519PrivateKey.generate()
        elif kind == "rsa":
            self.private = rsa.generate_private_key(65537, 2048)
        else:
            curve = {"nistp256": ec.SECP256R1, "nistp384": ec.SECP384R1, "nistp521": ec.SECP521R1}[kind]
            self.private = ec.generate_private_key(curve())

    @property
    def line(self) -> str:
        public = self.private.public_key()
        return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode() + " alice@shop.example"

    @property
    def blob(self) -> bytes:
        return base64.b64decode(self.line.split()[1])

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.blob)

    def sign(self, payload: bytes, *, namespace: bytes = b"git", digest: str = "sha512") -> bytes:
        hashed = hashlib.new(digest, payload).digest()
        parts = (namespace, b"", digest.encode())
        message = b"SSHSIG" + b"".join(map(string, (*parts, hashed)))
        blob = b"SSHSIG" + (1).to_bytes(4, "big")
        blob += b"".join(map(string, (self.blob, *parts, self._raw(message))))
        body = base64.encodebytes(blob)
        return b"-----BEGIN SSH SIGNATURE-----\n" + body + b"-----END SSH SIGNATURE-----\n"

    def _raw(self, message: bytes) -> bytes:
        private = self.private
        if isinstance(private, ed25519.Ed25519PrivateKey):
            return string(b"ssh-ed25519") + string(private.sign(message))
        if isinstance(private, rsa.RSAPrivateKey):
            raw = private.sign(message, padding.PKCS1v15(), hashes.SHA512())
            return string(b"rsa-sha2-512") + string(raw)
        sizes = {"nistp256": hashes.SHA256, "nistp384": hashes.SHA384, "nistp521": hashes.SHA512}
        r, s = decode_dss_signature(private.sign(message, ec.ECDSA(sizes[self.kind]())))
        numbers = b"".join(string(n.to_bytes(n.bit_length() // 8 + 1, "big")) for n in (r, s))
        return string(f"ecdsa-sha2-{self.kind}".encode()) + string(numbers)


class CosignKey:
    """A key of cosign, as `cosign generate-key-pair` makes one."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())

    @property
    def pem(self) -> str:
        return (
            self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        )

    def payload(self, digest: str, **critical: str) -> bytes:
        """What is signed of an artifact."""
        told = {
            "identity": {"docker-reference": "registry.example/web"},
            "image": {"docker-manifest-digest": digest},
            "type": "cosign container image signature",
            **critical,
        }
        return json.dumps({"critical": told, "optional": None}).encode()

    def sign(self, payload: bytes) -> str:
        return base64.b64encode(self.private.sign(payload, ec.ECDSA(hashes.SHA256()))).decode()


def string(data: bytes) -> bytes:
    """A string of the SSH protocol."""
    return len(data).to_bytes(4, "big") + data


def with_signature(body: bytes, signature: bytes) -> bytes:
    """A commit object's body that carries a signature."""
    head, _, message = body.partition(b"\n\n")
    return head + b"\ngpgsig " + signature.strip().replace(b"\n", b"\n ") + b"\n\n" + message


async def publish_signed(
    work: WorkRepo, files: Mapping[str, str | bytes | None], message: str, signer: Signer
) -> str:
    """Commit, signed, and push; the commit's id."""
    await work.write(files)
    await work.commit(message)
    commit = await asyncio.to_thread(_resigned, work.folder, signer)
    await work.reset(commit)
    await work.push(force=True)
    return commit


async def tag_signed(work: WorkRepo, name: str, signer: Signer) -> str:
    """An annotated tag of the current commit, signed and pushed; the tag object's id."""
    oid = await asyncio.to_thread(_tagged, work.folder, name, signer)
    await work.push(f"refs/tags/{name}", force=True)
    return oid


def _resigned(folder: Path, signer: Signer) -> str:
    body = git(folder, "cat-file", "commit", "HEAD")
    return write(folder, "commit", with_signature(body, signer.sign(body)))


def _tagged(folder: Path, name: str, signer: Signer) -> str:
    commit = git(folder, "rev-parse", "HEAD").decode().strip()
    who = "Alice <alice@shop.example> 1700000000 +0000"
    body = f"object {commit}\ntype commit\ntag {name}\ntagger {who}\n\nit\n"
    oid = write(folder, "tag", body.encode() + signer.sign(body.encode()))
    git(folder, "update-ref", f"refs/tags/{name}", oid)
    return oid


def write(folder: Path, kind: str, body: bytes) -> str:
    """Write an object; its id."""
    return git(folder, "hash-object", "-t", kind, "-w", "--stdin", given=body).decode().strip()


def git(folder: Path, *arguments: str, given: bytes | None = None) -> bytes:
    """Run git in a folder."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *arguments], cwd=folder, input=given, env=environment, check=True, capture_output=True
    )
    return done.stdout
