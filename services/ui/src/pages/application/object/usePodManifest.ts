/** One pod of an application, live. */
import { useMemo } from 'react';
import { useGet } from '@/api';
import { type JsonObject, parseObject } from '@/kubernetes/json';
import type { TreeNode } from '../model';
import { keyOfNode } from './family';
import { below, type ManifestAnswer, named, type Owner } from './requests';

/** A null pod asks for nothing. */
export function usePodManifest(owner: Owner, pod: TreeNode | null): JsonObject | null {
  const query = pod ? named(owner, keyOfNode(pod), 'v1') : undefined;
  const { data } = useGet<ManifestAnswer>(pod ? below(owner, 'resource') : null, query);
  return useMemo(() => parseObject(data?.manifest), [data]);
}
