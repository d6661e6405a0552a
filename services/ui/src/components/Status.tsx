/** States, each as a sign and a word: colour is never alone. */

import { healthWords, phaseWords, type StatusWords, syncWords, type Tone } from '@/text/status';
import { Inert } from '@/text/Text';
import { classes } from './classes';
import { Icon, type IconName } from './Icon';
import css from './Status.module.css';

export interface BadgeProps {
  children: string | number;
  tone?: Tone;
  icon?: IconName;
}

/** A word in a coloured box. */
export function Badge({ children, tone = 'neutral', icon }: BadgeProps) {
  return (
    <span className={classes(css.badge, css[tone])}>
      {icon && <Icon name={icon} size={12} />}
      {typeof children === 'string' ? <Inert text={children} /> : children}
    </span>
  );
}

export interface StatusProps {
  status: string | undefined;
  /** The sign alone; the word is told to readers and on hover. */
  compact?: boolean;
  /** Before the word, for readers: `Health`. */
  about?: string;
}

export function Health({ status, ...rest }: StatusProps) {
  return <Words words={healthWords(status)} about="Health" {...rest} />;
}

export function Sync({ status, ...rest }: StatusProps) {
  return <Words words={syncWords(status)} about="Sync" {...rest} />;
}

export function Phase({ phase, ...rest }: Omit<StatusProps, 'status'> & { phase: string | undefined }) {
  return <Words words={phaseWords(phase)} about="Operation" {...rest} />;
}

function Words({ words, compact = false, about }: { words: StatusWords; compact?: boolean; about: string }) {
  const sign = <Icon name={words.icon} size={14} turns={words.icon === 'progress'} />;
  if (compact) {
    return (
      <span
        className={classes(css.status, css[words.tone])}
        role="img"
        aria-label={`${about}: ${words.word}`}
        title={`${about}: ${words.word}`}
      >
        {sign}
      </span>
    );
  }
  return (
    <span className={classes(css.status, css[words.tone])}>
      {sign}
      <span>
        <Inert text={words.word} />
      </span>
    </span>
  );
}
