/** The lists of a project that are edited as rows: what each means, its columns, and how it is sent. */

import type { RowColumn } from '../settings/RowsEditor';
import { itemsOf, type Row, rowsOf, rowsOfTexts, textsOf } from '../settings/rows';
import type { Change, ProjectSpec } from './model';

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly noun: string;
  /** What the list does. */
  readonly words: string;
  /** What it means that nothing is in it. */
  readonly none: string | ((spec: ProjectSpec) => string);
  readonly columns: readonly RowColumn[];
  readonly rows: (spec: ProjectSpec) => Row[];
  readonly spec: (rows: readonly Row[], spec: ProjectSpec) => Change;
}

const KIND: readonly RowColumn[] = [
  { key: 'group', label: 'Group', placeholder: 'apps, * for all' },
  { key: 'kind', label: 'Kind', placeholder: 'Deployment, * for all' },
];
const NAMED_KIND: readonly RowColumn[] = [...KIND, { key: 'name', label: 'Name', placeholder: 'any' }];

export const SECTIONS: readonly Section[] = [
  texts('sourceRepos', 'Source repositories', 'repository', {
    words: 'Applications are deployed from these. Globs; ! in front denies.',
    none: 'None: nothing can be deployed.',
    placeholder: 'https://git.example.com/team/*',
  }),
  texts('sourceNamespaces', 'Source namespaces', 'namespace', {
    words: 'Namespaces beside the control plane’s in which Applications of this project may be.',
    none: 'Only that of the control plane.',
    placeholder: 'team-*',
  }),
  {
    id: 'destinations',
    title: 'Destinations',
    noun: 'destination',
    words: 'Clusters, by server or name, and namespaces that applications go to. Globs; ! in front denies.',
    none: 'None: nothing can be deployed anywhere.',
    columns: [
      { key: 'server', label: 'Server', placeholder: 'https://kubernetes.default.svc' },
      { key: 'name', label: 'Cluster name' },
      { key: 'namespace', label: 'Namespace', placeholder: '*' },
    ],
    rows: (spec) => rowsOf(spec.destinations, ['server', 'name', 'namespace']),
    spec: (rows) => ({ destinations: itemsOf(rows) }),
  },
  {
    id: 'destinationServiceAccounts',
    title: 'Service accounts of destinations',
    noun: 'service account',
    words: 'Who syncs to a destination, where impersonation is switched on. The first that matches counts.',
    none: 'None.',
    columns: [
      { key: 'server', label: 'Server', placeholder: '*' },
      { key: 'namespace', label: 'Namespace', placeholder: '*' },
      { key: 'defaultServiceAccount', label: 'Service account', placeholder: 'deployer, or namespace:deployer' },
    ],
    rows: (spec) => rowsOf(spec.destinationServiceAccounts, ['server', 'namespace', 'defaultServiceAccount']),
    spec: (rows) => ({ destinationServiceAccounts: itemsOf(rows, ['server', 'defaultServiceAccount']) }),
  },
  kinds('clusterResourceWhitelist', 'Allowed cluster-scoped kinds', NAMED_KIND, {
    words: 'Kinds without a namespace that applications may bring.',
    none: 'None: only what is in a namespace is allowed.',
  }),
  kinds('clusterResourceBlacklist', 'Denied cluster-scoped kinds', NAMED_KIND, {
    words: 'Kinds without a namespace that are denied although they are allowed above.',
    none: 'None.',
  }),
  {
    id: 'namespaceResourceWhitelist',
    title: 'Allowed kinds in namespaces',
    noun: 'kind',
    words: 'Once there is one, every other kind is denied; without any, all are allowed.',
    none: (spec) =>
      spec.namespaceResourceWhitelist === undefined ? 'All.' : 'None: the list is there and empty, which denies all.',
    columns: KIND,
    rows: (spec) => rowsOf(spec.namespaceResourceWhitelist, ['group', 'kind']),
    spec: (rows) => ({ namespaceResourceWhitelist: rows.length > 0 ? itemsOf(rows, ['group', 'kind']) : undefined }),
  },
  kinds('namespaceResourceBlacklist', 'Denied kinds in namespaces', KIND, {
    words: 'Kinds in namespaces that are denied although they are allowed above.',
    none: 'None.',
  }),
  {
    id: 'signatureKeys',
    title: 'Signature keys',
    noun: 'key',
    words: 'The older form of the policies above: only commits signed by one of these GnuPG keys are deployed.',
    none: 'None: no signature is asked for here.',
    columns: [{ key: 'keyID', label: 'Key ID', placeholder: '4AEE18F83AFDEB23' }],
    rows: (spec) => rowsOf(spec.signatureKeys, ['keyID']),
    spec: (rows) => ({ signatureKeys: textsOf(rows, 'keyID').map((keyID) => ({ keyID })) }),
  },
  {
    id: 'orphans',
    title: 'Orphans that are not told',
    noun: 'exception',
    words: 'Objects in the destination’s namespace that nobody manages and that are not to be shown as orphans.',
    none: 'None.',
    columns: NAMED_KIND,
    rows: (spec) => rowsOf(spec.orphanedResources?.ignore, ['group', 'kind', 'name']),
    spec: (rows, spec) => ({ orphanedResources: { ...spec.orphanedResources, ignore: itemsOf(rows) } }),
  },
];

type Texts = 'sourceRepos' | 'sourceNamespaces';
type Kinds = 'clusterResourceWhitelist' | 'clusterResourceBlacklist' | 'namespaceResourceBlacklist';

interface Words {
  readonly words: string;
  readonly none: string;
}

function texts(id: Texts, title: string, noun: string, told: Words & { readonly placeholder: string }): Section {
  return {
    id,
    title,
    noun,
    words: told.words,
    none: told.none,
    columns: [{ key: 'glob', label: title, placeholder: told.placeholder }],
    rows: (spec) => rowsOfTexts(spec[id], 'glob'),
    spec: (rows) => ({ [id]: textsOf(rows, 'glob') }),
  };
}

function kinds(id: Kinds, title: string, columns: readonly RowColumn[], { words, none }: Words): Section {
  const keys = columns.map(({ key }) => key);
  return {
    id,
    title,
    noun: 'kind',
    words,
    none,
    columns,
    rows: (spec) => rowsOf(spec[id], keys),
    spec: (rows) => ({ [id]: itemsOf(rows, ['group', 'kind']) }),
  };
}
