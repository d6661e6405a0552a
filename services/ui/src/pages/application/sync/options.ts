/**
 * The sync options of an application as a form shows them.
 *
 * An option is compared as a whole text, as the controller does. What is not known here is kept where it was.
 */

export type OptionGroup = 'apply' | 'prune' | 'check' | 'deletion';

export interface ToggleOption {
  kind: 'toggle';
  key: string;
  /** The value that is written when it is switched on; without the option the default holds. */
  on: string;
  label: string;
  hint: string;
  group: OptionGroup;
  /** Whether an operation may carry it, or only the application's own spec. */
  operation: boolean;
}

export interface ChoiceOption {
  kind: 'choice';
  key: string;
  choices: readonly { value: string; label: string }[];
  label: string;
  hint: string;
  group: OptionGroup;
  operation: boolean;
}

export type SyncOption = ToggleOption | ChoiceOption;

function toggle(group: OptionGroup, text: string, label: string, hint: string, operation = true): ToggleOption {
  const [key = '', on = ''] = text.split('=');
  return { kind: 'toggle', key, on, label, hint, group, operation };
}

export const OPTIONS: readonly SyncOption[] = [
  toggle('apply', 'ApplyOutOfSyncOnly=true', 'Apply only what differs', 'Objects that are as Git says are left alone.'),
  toggle(
    'apply',
    'ServerSideApply=true',
    'Server-side apply',
    'Conflicts are resolved for Git; annotations stay small.',
  ),
  toggle('apply', 'Replace=true', 'Replace', 'Objects are replaced whole: fields that others set are lost.'),
  toggle(
    'apply',
    'CreateNamespace=true',
    'Create the namespace',
    'The destination namespace is made when it is missing.',
  ),
  toggle(
    'apply',
    'RespectIgnoreDifferences=true',
    'Respect ignored differences',
    'Ignored fields keep their live values.',
  ),
  toggle(
    'apply',
    'NewestCommitWins=false',
    'Finish before a newer commit',
    'A newer commit waits until this sync has ended.',
    false,
  ),
  toggle(
    'apply',
    'ClientSideApplyMigration=false',
    'No migration of fields',
    'Fields of kubectl apply stay with their manager.',
  ),
  toggle('check', 'Validate=false', 'Skip schema validation', 'Fields that the cluster does not know are accepted.'),
  toggle(
    'check',
    'SkipDryRunOnMissingResource=true',
    'Skip the dry run of unknown kinds',
    'For objects whose definition comes with the same sync.',
  ),
  toggle(
    'check',
    'FailOnSharedResource=true',
    'Fail on shared objects',
    'An object of another application ends the sync.',
  ),
  toggle(
    'check',
    'IgnoreDependencies=true',
    'Do not wait for dependencies',
    'It is synced whatever state the applications are in that it depends on.',
  ),
  toggle(
    'prune',
    'PruneLast=true',
    'Prune last',
    'What Git no longer has is deleted after everything else is healthy.',
  ),
  {
    kind: 'choice',
    key: 'Prune',
    choices: [
      { value: '', label: 'as asked' },
      { value: 'false', label: 'never prune' },
      { value: 'confirm', label: 'wait for approval' },
    ],
    label: 'Pruning',
    hint: 'What becomes of objects that Git no longer has.',
    group: 'prune',
    operation: true,
  },
  {
    kind: 'choice',
    key: 'PrunePropagationPolicy',
    choices: [
      { value: '', label: 'foreground (default)' },
      { value: 'foreground', label: 'foreground: dependants go first' },
      { value: 'background', label: 'background: dependants go afterwards' },
      { value: 'orphan', label: 'orphan: dependants stay' },
    ],
    label: 'Propagation',
    hint: 'What becomes of the dependants of a pruned object.',
    group: 'prune',
    operation: true,
  },
  toggle(
    'prune',
    'GuardPrune=false',
    'Do not ask before large prunes',
    'The guard of prunes lets everything go.',
    false,
  ),
  {
    kind: 'choice',
    key: 'Delete',
    choices: [
      { value: '', label: 'with the application' },
      { value: 'false', label: 'stay' },
      { value: 'confirm', label: 'wait for approval' },
    ],
    label: 'When the application is deleted',
    hint: 'What becomes of its objects.',
    group: 'deletion',
    operation: false,
  },
];

export const GROUPS: Readonly<Record<OptionGroup, string>> = {
  apply: 'Applying',
  check: 'Checks',
  prune: 'Pruning',
  deletion: 'Deletion',
};

/** The value of an option: the first entry of its key counts. "" where there is none. */
export function optionValue(items: readonly string[], key: string): string {
  const found = items.find((item) => item.startsWith(`${key}=`));
  return found === undefined ? '' : found.slice(key.length + 1);
}

export function isOn(items: readonly string[], option: ToggleOption): boolean {
  return items.includes(`${option.key}=${option.on}`);
}

/** The items with an option set to a value in its place; "" takes it away. */
export function withValue(items: readonly string[], key: string, value: string): string[] {
  const wanted = value === '' ? [] : [`${key}=${value}`];
  const at = items.findIndex((item) => item.startsWith(`${key}=`));
  if (at < 0) return [...items, ...wanted];
  const rest = items.slice(at + 1).filter((item) => !item.startsWith(`${key}=`));
  return [...items.slice(0, at), ...wanted, ...rest];
}

export function withToggle(items: readonly string[], option: ToggleOption, on: boolean): string[] {
  return withValue(items, option.key, on ? option.on : '');
}

/** Items that no row of the form stands for: unknown ones, and known ones with a value of no effect. */
export function others(items: readonly string[]): string[] {
  return items.filter((item) => !OPTIONS.some((option) => stands(option, item)));
}

function stands(option: SyncOption, item: string): boolean {
  if (option.kind === 'toggle') return item === `${option.key}=${option.on}`;
  return option.choices.some((choice) => choice.value !== '' && item === `${option.key}=${choice.value}`);
}
