/** A role as a form: rules in columns, groups, and lines that are no rules of it kept as they are. */
import { useState } from 'react';
import { Field, TextInput } from '@/components';
import { FormDialog } from '../settings/FormDialog';
import { RowsEditor } from '../settings/RowsEditor';
import { type Places, placed, said } from '../settings/refusal';
import { type Row, rowsOf, rowsOfTexts, textsOf } from '../settings/rows';
import type { Role } from './model';
import { ACTIONS, EFFECTS, line, problemOfRoleName, problemsOf, RESOURCES, type Rule, ruleOf } from './policy';

type Place = 'name' | 'policies' | 'groups' | 'description';

const PLACES: Places<Place> = [
  [/^(invalid role name|role ')/, 'name'],
  [/^(invalid policy rule|policy ')/, 'policies'],
  [/^group/, 'groups'],
  [/^a description/, 'description'],
];

interface Props {
  readonly project: string;
  readonly role: Role | null;
  readonly others: readonly string[];
  readonly busy: boolean;
  readonly refusal: string;
  readonly onSave: (role: Role) => void;
  readonly onClose: () => void;
}

const COLUMNS = ['resource', 'action', 'object', 'effect'];

export function RoleDialog({ project, role, others, busy, refusal, onSave, onClose }: Props) {
  const [name, setName] = useState(role?.name ?? '');
  const [description, setDescription] = useState(role?.description ?? '');
  const [rules, setRules] = useState<Row[]>(() => rowsOf(rulesOf(project, role), COLUMNS));
  const [groups, setGroups] = useState<Row[]>(() => rowsOfTexts(role?.groups, 'group'));
  const kept = (role?.policies ?? []).filter((text) => ruleOf(project, role?.name ?? '', text) === null);
  const refused = refusal ? placed(refusal, PLACES) : null;
  const wrongName = role === null ? problemOfRoleName(name, others) : '';
  const isSound = wrongName === '' && rules.every((rule) => Object.keys(problemsOf(ruleIn(rule))).length === 0);
  const save = () =>
    onSave({
      ...role,
      name,
      description: description.trim(),
      policies: [...kept, ...rules.map((rule) => line(project, name, ruleIn(rule)))],
      groups: textsOf(groups, 'group'),
    });
  return (
    <FormDialog
      wide
      title={role === null ? 'New role' : `Role ${role.name}`}
      action="Save"
      busy={busy}
      refused={isSound ? '' : wrongName || 'A policy is not as it has to be'}
      refusal={refused}
      onSubmit={save}
      onClose={onClose}
    >
      {role === null && (
        <Field label="Name" error={said(refused, 'name') ?? (name === '' ? undefined : wrongName || undefined)}>
          <TextInput value={name} onChange={setName} />
        </Field>
      )}
      <Field label="Description" error={said(refused, 'description')}>
        <TextInput value={description} onChange={setDescription} />
      </Field>
      <h3>Policies</h3>
      <p>{`The object stands below ${project}/: an application's name, namespace/name, or * for all.`}</p>
      <RowsEditor
        noun="policy"
        rows={rules}
        onChange={setRules}
        problems={(row) => problemsOf(ruleIn(row))}
        columns={[
          { key: 'resource', label: 'Resource', options: RESOURCES },
          { key: 'action', label: 'Action', suggestions: ACTIONS },
          { key: 'object', label: 'Object', placeholder: '*' },
          { key: 'effect', label: 'Effect', options: EFFECTS },
        ]}
      />
      {said(refused, 'policies') && <p role="alert">{refused?.words}</p>}
      {kept.length > 0 && (
        <p>{`${kept.length} more are not written as rules of this role and are kept as they are.`}</p>
      )}
      <h3>Groups</h3>
      <p>Who is of one of these groups, as the identity provider names them, has the role.</p>
      <RowsEditor noun="group" rows={groups} onChange={setGroups} columns={[{ key: 'group', label: 'Group' }]} />
      {said(refused, 'groups') && <p role="alert">{refused?.words}</p>}
    </FormDialog>
  );
}

function rulesOf(project: string, role: Role | null): Rule[] {
  return (role?.policies ?? []).flatMap((text) => ruleOf(project, role?.name ?? '', text) ?? []);
}

function ruleIn(row: Row): Rule {
  const { resource = '', action = '', object = '', effect = '' } = row;
  return { resource, action: action.trim(), object: object.trim(), effect };
}
