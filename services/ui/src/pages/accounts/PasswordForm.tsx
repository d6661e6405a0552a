/** A new password: proved by the reader's own, which another account's does not replace. */
import { type FormEvent, useState } from 'react';
import { put } from '@/api/client';
import { wordsOf } from '@/api/errors';
import { useGet, useSend } from '@/api/query';
import { Button, classes, Field, TextInput, toast } from '@/components';
import styles from '../settings/Form.module.css';
import { type Places, placed, said } from '../settings/refusal';

type Place = 'current' | 'next';

const PLACES: Places<Place> = [
  [/current password/, 'current'],
  [/new password/, 'next'],
];

interface Props {
  readonly account: string;
  readonly refusal: string;
}

interface Who {
  readonly username?: string;
  readonly iss?: string;
}

export function PasswordForm({ account, refusal }: Props) {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const { data: who } = useGet<Who>('/api/v1/session/userinfo');
  const { data: settings } = useGet<{ passwordPattern?: string }>('/api/v1/settings');
  const isLocal = who?.iss === 'argocd';
  const isOwn = isLocal && who?.username === account;
  const send = useSend(
    () => put('/api/v1/account/password', { name: account, currentPassword: current, newPassword: next }),
    {
      onDone: () => {
        toast.ok(
          isOwn
            ? 'Your password is changed. Sessions from before are over: log in anew.'
            : `The password of ${account} is changed`,
        );
        setCurrent('');
        setNext('');
        setAgain('');
      },
    },
  );
  const refused = send.error === null ? null : placed(wordsOf(send.error), PLACES);
  const problem = problemOf(isLocal, current, next, again);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (problem === '' && refusal === '' && !send.isPending) send.mutate(undefined);
  };
  return (
    <form onSubmit={submit} className={classes(styles.form, styles.narrow)}>
      <p>Every session of {account} from before ends with the change, everywhere. Tokens stay.</p>
      <input type="text" name="username" autoComplete="username" value={account} readOnly hidden />
      {isLocal && (
        <Field label={isOwn ? 'Current password' : 'Your own password'} error={said(refused, 'current')}>
          <TextInput value={current} onChange={setCurrent} type="password" autoComplete="current-password" />
        </Field>
      )}
      <Field label="New password" hint={patternWords(settings?.passwordPattern)} error={said(refused, 'next')}>
        <TextInput value={next} onChange={setNext} type="password" autoComplete="new-password" />
      </Field>
      <Field label="New password again" error={again !== '' && again !== next ? 'Not the same' : undefined}>
        <TextInput value={again} onChange={setAgain} type="password" autoComplete="new-password" />
      </Field>
      {refused !== null && refused.field === null && <p role="alert">{refused.words}</p>}
      <Button type="submit" kind="primary" busy={send.isPending} refused={refusal || problem}>
        Change password
      </Button>
    </form>
  );
}

function problemOf(isLocal: boolean, current: string, next: string, again: string): string {
  if (isLocal && current === '') return 'Your password is needed';
  if (next === '') return 'A new password is needed';
  return next === again ? '' : 'The new passwords are not the same';
}

/** The pattern, in words where it only asks for a length. */
function patternWords(pattern: string | undefined): string {
  if (!pattern) return '';
  const [, least, most] = /^\^\.\{(\d+),(\d+)\}\$$/.exec(pattern) ?? [];
  return least && most ? `${least} to ${most} characters` : `It has to match ${pattern}`;
}
