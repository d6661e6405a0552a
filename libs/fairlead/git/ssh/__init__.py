"""Git over SSH, held by this process: connections are kept, and git gets its stream as a socket.

Why not the `ssh` program: a look at a remote would cost a process and a handshake, and the check of
addresses, deadlines, proxies and host keys would lie with it. Here each has one place, no key is ever on
disk, and nothing that a person wrote comes near a command line of this machine. Invariant: a connection is
used only with the key and the trust that it was made under.
"""

from fairlead.git.ssh.carrier import Carrier, Ssh
from fairlead.git.ssh.known_hosts import KnownHosts

__all__ = ["Carrier", "KnownHosts", "Ssh"]
