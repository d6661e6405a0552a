/** The fields of a source's tools and of a spec, as data: a form is a list of these over a draft. */
import type { Path } from '../../../kubernetes/draft';

interface Common {
  path: Path;
  label: string;
  hint?: string;
}

export type FieldSpec =
  | (Common & { kind: 'text'; suggestions?: readonly string[]; placeholder?: string })
  | (Common & { kind: 'number'; placeholder?: string })
  | (Common & { kind: 'flag' })
  | (Common & { kind: 'choice'; options: readonly { value: string; label: string }[] })
  | (Common & { kind: 'lines'; placeholder?: string })
  | (Common & { kind: 'map' })
  | (Common & { kind: 'yaml'; placeholder?: string });

export const HELM_FIELDS: readonly FieldSpec[] = [
  { kind: 'text', path: ['releaseName'], label: 'Release name', hint: 'The name of the application when empty.' },
  {
    kind: 'text',
    path: ['namespace'],
    label: 'Release namespace',
    hint: 'The namespace of the destination when empty.',
  },
  { kind: 'yaml', path: ['fileParameters'], label: 'Parameters from files', hint: 'A list of {name, path}.' },
  { kind: 'text', path: ['kubeVersion'], label: 'Kubernetes version', hint: 'That of the cluster when empty.' },
  { kind: 'lines', path: ['apiVersions'], label: 'API versions', hint: 'One a line; those of the cluster when empty.' },
  {
    kind: 'choice',
    path: ['version'],
    label: 'Version of Helm',
    options: [
      { value: '', label: 'Ours' },
      { value: 'v3', label: 'v3' },
      { value: 'v4', label: 'v4' },
    ],
    hint: 'All are the same engine.',
  },
  { kind: 'flag', path: ['ignoreMissingValueFiles'], label: 'Ignore missing value files' },
  { kind: 'flag', path: ['skipCrds'], label: 'Skip custom resource definitions' },
  { kind: 'flag', path: ['skipTests'], label: 'Skip tests' },
  { kind: 'flag', path: ['skipSchemaValidation'], label: 'Skip the check against values.schema.json' },
  { kind: 'flag', path: ['passCredentials'], label: 'Pass credentials to all hosts' },
];

export const SOURCE_FIELDS: readonly FieldSpec[] = [
  {
    kind: 'text',
    path: ['tagPrefix'],
    label: 'Prefix of tags',
    placeholder: 'web-',
    hint: 'With a range as revision: only tags that begin so count, and it is left out when versions are compared.',
  },
];

export const KUSTOMIZE_FIELDS: readonly FieldSpec[] = [
  { kind: 'text', path: ['namePrefix'], label: 'Name prefix' },
  { kind: 'text', path: ['nameSuffix'], label: 'Name suffix' },
  { kind: 'text', path: ['namespace'], label: 'Namespace' },
  { kind: 'text', path: ['version'], label: 'Version', hint: 'One that the settings know; ours when empty.' },
  { kind: 'yaml', path: ['replicas'], label: 'Replicas', hint: 'A list of {name, count}.' },
  { kind: 'map', path: ['commonLabels'], label: 'Common labels' },
  { kind: 'map', path: ['commonAnnotations'], label: 'Common annotations' },
  { kind: 'lines', path: ['components'], label: 'Components', hint: 'One a line.' },
  { kind: 'yaml', path: ['patches'], label: 'Patches', hint: 'A list of {patch or path, target, options}.' },
  { kind: 'flag', path: ['forceCommonLabels'], label: 'Force common labels' },
  { kind: 'flag', path: ['forceCommonAnnotations'], label: 'Force common annotations' },
  { kind: 'flag', path: ['labelWithoutSelector'], label: 'Labels without selectors' },
  { kind: 'flag', path: ['labelIncludeTemplates'], label: 'Labels in templates' },
  { kind: 'flag', path: ['commonAnnotationsEnvsubst'], label: 'Replace variables in annotations' },
  { kind: 'flag', path: ['ignoreMissingComponents'], label: 'Ignore missing components' },
  { kind: 'text', path: ['kubeVersion'], label: 'Kubernetes version', hint: 'That of the cluster when empty.' },
  { kind: 'lines', path: ['apiVersions'], label: 'API versions', hint: 'One a line; those of the cluster when empty.' },
];

export const DIRECTORY_FIELDS: readonly FieldSpec[] = [
  { kind: 'flag', path: ['recurse'], label: 'Folders below it too' },
  {
    kind: 'text',
    path: ['include'],
    label: 'Include',
    placeholder: '*.yaml',
    hint: 'A glob; {a,b} means any of them.',
  },
  {
    kind: 'text',
    path: ['exclude'],
    label: 'Exclude',
    placeholder: '{config.yaml,env-*/*}',
    hint: 'Wins over what is included.',
  },
  { kind: 'flag', path: ['disableExtensionFilter'], label: 'Files of any extension' },
  {
    kind: 'yaml',
    path: ['jsonnet', 'extVars'],
    label: 'Jsonnet external variables',
    hint: 'A list of {name, value, code}.',
  },
  {
    kind: 'yaml',
    path: ['jsonnet', 'tlas'],
    label: 'Jsonnet top-level arguments',
    hint: 'A list of {name, value, code}.',
  },
  { kind: 'lines', path: ['jsonnet', 'libs'], label: 'Jsonnet libraries', hint: 'One folder a line.' },
];

export const PLUGIN_FIELDS: readonly FieldSpec[] = [
  { kind: 'text', path: ['name'], label: 'Plugin', hint: 'Found out when empty.' },
  { kind: 'yaml', path: ['env'], label: 'Environment', hint: 'A list of {name, value}.' },
  { kind: 'yaml', path: ['parameters'], label: 'Parameters', hint: 'A list of {name, string | array | map}.' },
];

export const SPEC_FIELDS: readonly FieldSpec[] = [
  {
    kind: 'number',
    path: ['spec', 'revisionHistoryLimit'],
    label: 'Deployments kept',
    placeholder: '10',
    hint: '0 keeps none: no rollback then.',
  },
  {
    kind: 'lines',
    path: ['metadata', 'finalizers'],
    label: 'Finalizers',
    placeholder: 'resources-finalizer.argocd.argoproj.io',
    hint: 'With that one, what it manages is deleted with it, however it is deleted.',
  },
  { kind: 'map', path: ['metadata', 'labels'], label: 'Labels' },
  { kind: 'map', path: ['metadata', 'annotations'], label: 'Annotations' },
  { kind: 'yaml', path: ['spec', 'info'], label: 'Info', hint: 'A list of {name, value}; addresses become links.' },
  {
    kind: 'yaml',
    path: ['spec', 'ignoreDifferences'],
    label: 'Ignored differences',
    hint: 'A list of {group, kind, name, namespace, jsonPointers, jqPathExpressions, managedFieldsManagers}.',
  },
];

/** A spec's fields that a new application seldom has. */
export const HYDRATOR_FIELDS: readonly FieldSpec[] = [
  {
    kind: 'yaml',
    path: ['spec', 'sourceHydrator'],
    label: 'Source hydrator',
    hint: 'Stands for the source: {drySource, syncSource, hydrateTo}. It counts where the hydrator is switched on.',
  },
];

export const NAMESPACE_FIELDS: readonly FieldSpec[] = [
  { kind: 'map', path: ['labels'], label: 'Labels of the namespace' },
  { kind: 'map', path: ['annotations'], label: 'Annotations of the namespace' },
];

/** A list written one a line. */
export function linesOf(items: readonly string[]): string {
  return items.join('\n');
}

export function itemsOf(lines: string): string[] {
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}
