"""What a kubelet and a container engine do with a rendered pod, done with processes of this machine.

Why: whether a chart comes up is only known by running what it says. Invariant: arguments, environment, files
and service account are those of the pod; rewritten is only what one machine has otherwise: addresses of
Services, ports that would collide, and paths that would be mounts.
"""

from tests.kubelet.cluster import Kubelet
from tests.kubelet.pod import PodError

__all__ = ["Kubelet", "PodError"]
