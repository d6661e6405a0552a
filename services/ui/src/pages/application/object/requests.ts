/** What is asked of one object of an application, and in which words. */
import type { Query } from '@/api/client';
import { post } from '@/api/client';
import type { Application } from '@/api/schema';
import { type JsonObject, parseObject, toJson } from '@/kubernetes/json';
import type { ObjectKey } from '@/kubernetes/key';

export interface Owner {
  readonly name: string;
  readonly namespace: string;
  readonly project: string;
}

export function ownerOf(application: Application): Owner {
  const { name = '', namespace = '' } = application.metadata ?? {};
  return { name, namespace, project: application.spec?.project ?? '' };
}

/** A path of the API below an application. */
export function below(owner: Owner, path: string): string {
  return `/api/v1/applications/${encodeURIComponent(owner.name)}/${path}`;
}

/** How the API names an object and its application. */
export function named(owner: Owner, key: ObjectKey, version = ''): Query {
  return {
    appNamespace: owner.namespace,
    project: owner.project,
    namespace: key.namespace,
    resourceName: key.name,
    version,
    group: key.group,
    kind: key.kind,
  };
}

/** How the API narrows a list of an application's objects to one. */
export function narrowed(owner: Owner, key: ObjectKey): Query {
  const { namespace, name, group, kind } = key;
  return { appNamespace: owner.namespace, project: owner.project, namespace, name, group, kind };
}

/** How the API answers with one object. */
export interface ManifestAnswer {
  readonly manifest?: string;
}

const MERGE = 'application/merge-patch+json';

/** What the cluster's API server would make of a patch; nothing is written. */
export async function tried(owner: Owner, key: ObjectKey, version: string, patch: JsonObject): Promise<JsonObject> {
  const body = { name: owner.name, ...named(owner, key, version), patch: toJson(patch), patchType: MERGE };
  return manifestOf(await post<ManifestAnswer>('/api/v1/preview/patch', body));
}

export async function patched(owner: Owner, key: ObjectKey, version: string, patch: JsonObject): Promise<JsonObject> {
  const query = { ...named(owner, key, version), patchType: MERGE };
  return manifestOf(await post<ManifestAnswer>(below(owner, 'resource'), toJson(patch), query));
}

/** The manifest of an answer. */
export function manifestOf(answer: ManifestAnswer): JsonObject {
  const found = parseObject(answer.manifest);
  if (!found) throw new Error('The server answered with a manifest that cannot be read.');
  return found;
}
