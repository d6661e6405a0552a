/** Applications made up for tests of this page. */

import type { Application, TreeNode } from './model';

let uids = 0;

/** A node of the tree, below a parent when one is given. */
export function node(kind: string, name: string, more: Partial<TreeNode> = {}, parent?: TreeNode): TreeNode {
  uids += 1;
  const group = { Deployment: 'apps', ReplicaSet: 'apps', Ingress: 'networking.k8s.io' }[kind];
  return {
    key: `${group ?? ''}/${kind}/shop/${name}`,
    ...(group ? { group } : {}),
    version: 'v1',
    kind,
    namespace: 'shop',
    name,
    uid: `uid-${uids}`,
    ...(parent ? { parentRefs: [reference(parent)] } : { managed: true, sync: 'Synced' }),
    ...more,
  };
}

function reference({ group = '', kind = '', namespace = '', name = '' }: TreeNode) {
  return { group, kind, namespace, name };
}

/** A Deployment with one ReplicaSet and its pods. */
export function deployment(name: string, pods: number, health = 'Healthy'): TreeNode[] {
  const top = node('Deployment', name, { health: { status: health } });
  const set = node('ReplicaSet', `${name}-7d4b9`, { health: { status: health } }, top);
  const below = Array.from({ length: pods }, (_, index) =>
    node(
      'Pod',
      `${name}-7d4b9-${index}`,
      {
        health: { status: health },
        info: [
          { name: 'Status Reason', value: health === 'Healthy' ? 'Running' : 'CrashLoopBackOff' },
          { name: 'Node', value: `node-${(index % 2) + 1}` },
          { name: 'Containers', value: health === 'Healthy' ? '1/1' : '0/1' },
        ],
        networkingInfo: { labels: { app: name } },
      },
      set,
    ),
  );
  return [top, set, ...below];
}

/** An application that is well, with what is given said otherwise. */
export function application(more: Partial<Application> = {}): Application {
  return {
    metadata: { name: 'web', namespace: 'argocd' },
    spec: {
      project: 'default',
      source: { repoURL: 'https://git.example/shop.git', path: 'web', targetRevision: 'main' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' },
    },
    ...more,
  };
}
