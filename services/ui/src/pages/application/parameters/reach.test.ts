import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  DIRECTORY_FIELDS,
  type FieldSpec,
  HELM_FIELDS,
  HYDRATOR_FIELDS,
  KUSTOMIZE_FIELDS,
  NAMESPACE_FIELDS,
  PLUGIN_FIELDS,
  SOURCE_FIELDS,
  SPEC_FIELDS,
} from './fields';

const CRD = join(import.meta.dirname, '../../../../../../deploy/manifests/crds/application-crd.yaml');

interface Schema {
  properties?: Record<string, Schema>;
  items?: Schema;
}

/** Places of the spec that a form has controls of its own for. */
const CONTROLS = [
  'project',
  'destination.server',
  'destination.name',
  'destination.namespace',
  ...['repoURL', 'path', 'chart', 'targetRevision', 'name', 'ref'].map((field) => `source.${field}`),
  ...['valueFiles', 'values', 'valuesObject', 'parameters'].map((field) => `source.helm.${field}`),
  'source.kustomize.images',
  ...['enabled', 'prune', 'selfHeal', 'allowEmpty'].map((field) => `syncPolicy.automated.${field}`),
  'syncPolicy.syncOptions',
  'syncPolicy.retry',
];

const below = (base: string, fields: readonly FieldSpec[]) =>
  fields.map((field) => [base, ...field.path].filter(Boolean).join('.'));

const FORM = [
  ...CONTROLS,
  ...below('source', SOURCE_FIELDS),
  ...below('source.helm', HELM_FIELDS),
  ...below('source.kustomize', KUSTOMIZE_FIELDS),
  ...below('source.directory', DIRECTORY_FIELDS),
  ...below('source.plugin', PLUGIN_FIELDS),
  ...below('syncPolicy.managedNamespaceMetadata', NAMESPACE_FIELDS),
  ...below('', [...SPEC_FIELDS, ...HYDRATOR_FIELDS]).map((path) => path.replace(/^spec\./, '')),
];

function leaves(schema: Schema, path: string): string[] {
  const { properties } = schema;
  if (!properties) return [path];
  return Object.entries(properties).flatMap(([name, inner]) => leaves(inner, path ? `${path}.${name}` : name));
}

describe('the form of an application', () => {
  const document = parse(readFileSync(CRD, 'utf8')) as {
    spec: { versions: { schema: { openAPIV3Schema: { properties: { spec: Schema } } } }[] };
  };
  const spec = document.spec.versions[0]?.schema.openAPIV3Schema.properties.spec ?? {};

  it('reaches every field of a spec', () => {
    const fields = leaves(spec, '').filter((path) => !path.startsWith('sources'));
    expect(fields.length).toBeGreaterThan(60);
    const missing = fields.filter((path) => !FORM.some((one) => path === one || path.startsWith(`${one}.`)));
    expect(missing).toEqual([]);
  });

  it('has no field that a spec does not have', () => {
    const fields = leaves(spec, '');
    const odd = FORM.filter((one) => !one.startsWith('metadata')).filter(
      (one) => !fields.some((path) => path === one || path.startsWith(`${one}.`)),
    );
    expect(odd).toEqual([]);
  });
});
