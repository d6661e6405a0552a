import { Checkbox, RadioGroup } from '@/components';
import type { Action, Options } from './actions';
import styles from './Bulk.module.css';

interface Props {
  action: Action;
  options: Options;
  onOptions: (options: Options) => void;
}

/** How an action is done; of most there is no how. */
export function OptionFields({ action, options, onOptions }: Props) {
  const put =
    <K extends keyof Options>(name: K) =>
    (value: Options[K]) =>
      onOptions({ ...options, [name]: value });
  if (action === 'sync') {
    return (
      <div className={styles.options}>
        <Checkbox
          label="Prune"
          hint="Delete what Git does not have any more"
          checked={options.prune}
          onChange={put('prune')}
        />
        <Checkbox
          label="Dry run"
          hint="Ask the clusters, write nothing"
          checked={options.dryRun}
          onChange={put('dryRun')}
        />
        <Checkbox label="Without hooks" checked={options.noHooks} onChange={put('noHooks')} />
        <Checkbox
          label="Force"
          hint="Delete and create anew what cannot be changed: may interrupt service"
          checked={options.force}
          onChange={put('force')}
        />
      </div>
    );
  }
  if (action === 'refresh') {
    return (
      <div className={styles.options}>
        <Checkbox
          label="Hard refresh"
          hint="Render again instead of taking what is cached"
          checked={options.hard}
          onChange={put('hard')}
        />
      </div>
    );
  }
  if (action !== 'delete') return null;
  return (
    <RadioGroup
      legend="And what they manage"
      value={options.cascade}
      onChange={(value) => put('cascade')(value as Options['cascade'])}
      options={[
        { value: 'foreground', label: 'Delete it, and wait until it is gone' },
        { value: 'background', label: 'Delete it in the background' },
        { value: 'orphan', label: 'Leave it in the cluster' },
      ]}
    />
  );
}
