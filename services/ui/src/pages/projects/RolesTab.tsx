/** The roles of a project: what each may do, who is of it, and its tokens. */
import { useState } from 'react';
import { del, post } from '@/api/client';
import { Button, Confirm, Empty, Text } from '@/components';
import { useUser } from '@/shell/settings';
import styles from '../settings/Card.module.css';
import { NewToken } from '../settings/NewToken';
import { type ListedToken, Tokens } from '../settings/Tokens';
import { PROJECTS, type Project, pathOf, type Role, tokensOf } from './model';
import { ruleOf } from './policy';
import { RoleDialog } from './RoleDialog';
import type { Saving } from './saving';
import { useHeld } from './useHeld';

interface Props {
  readonly project: Project;
  readonly saving: Saving;
}

export function RolesTab({ project: newest, saving }: Props) {
  const [editing, setEditing] = useState<{ readonly role: Role | null } | undefined>();
  const [deleting, setDeleting] = useState<Role | undefined>();
  const project = useHeld(newest, editing !== undefined || deleting !== undefined);
  const roles = project.spec.roles ?? [];
  const close = () => {
    saving.forget();
    setEditing(undefined);
    setDeleting(undefined);
  };
  return (
    <>
      <p className={styles.bar}>
        <Button kind="primary" icon="add" refused={saving.refusal} onClick={() => setEditing({ role: null })}>
          Add role
        </Button>
      </p>
      {roles.length === 0 && (
        <Empty title="No roles">
          A role lets people of a group, or a pipeline with a token, do something with the applications of this project.
        </Empty>
      )}
      {roles.map((role) => (
        <RoleCard
          key={role.name}
          project={project}
          role={role}
          refusal={saving.refusal}
          onEdit={() => setEditing({ role })}
          onDelete={() => setDeleting(role)}
        />
      ))}
      {editing !== undefined && (
        <RoleDialog
          project={project.metadata.name}
          role={editing.role}
          others={roles.filter((role) => role !== editing.role).map(({ name }) => name)}
          busy={saving.busy}
          refusal={saving.words}
          onClose={close}
          onSave={(role) => saving.save({ roles: replaced(roles, editing.role, role) }, close, project)}
        />
      )}
      {deleting !== undefined && (
        <Confirm
          title={`Delete role ${deleting.name}`}
          name={deleting.name}
          action="Delete"
          busy={saving.busy}
          error={saving.words}
          onClose={close}
          onConfirm={() => saving.save({ roles: roles.filter((role) => role !== deleting) }, close, project)}
        >
          {lostWith(project, deleting)}
        </Confirm>
      )}
    </>
  );
}

interface CardProps {
  readonly project: Project;
  readonly role: Role;
  readonly refusal: string;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
}

function RoleCard({ project, role, refusal, onEdit, onDelete }: CardProps) {
  const [isMaking, setMaking] = useState(false);
  const tokenRefusal = useUser()?.groups?.some((group) => isOfGroup(role, group)) ? '' : refusal;
  const name = project.metadata.name;
  const path = pathOf(name, `/roles/${encodeURIComponent(role.name)}/token`);
  const invalidates = [PROJECTS, pathOf(name, '/detailed'), pathOf(name, '/events')];
  const tokens = tokensOf(project, role).map(({ id, iat, exp }) => ({
    id: id ?? '',
    issuedAt: iat,
    expiresAt: exp ?? 0,
  }));
  const remove = (token: ListedToken) => del(`${path}/${token.issuedAt}`, { id: token.id });
  return (
    <section className={styles.card} aria-label={`Role ${role.name}`}>
      <header className={styles.head}>
        <h2>{role.name}</h2>
        <div className={styles.actions}>
          <Button small icon="edit" refused={refusal} onClick={onEdit}>
            Edit
          </Button>
          <Button small icon="trash" refused={refusal} onClick={onDelete}>
            Delete
          </Button>
        </div>
      </header>
      {role.description && (
        <p>
          <Text value={role.description} />
        </p>
      )}
      <h3>Policies</h3>
      {(role.policies ?? []).length === 0 ? (
        <p>None: who is of this role may see the project and nothing else.</p>
      ) : (
        <ul>
          {(role.policies ?? []).map((line) => (
            <li key={line}>
              <Policy project={name} role={role.name} line={line} />
            </li>
          ))}
        </ul>
      )}
      <h3>Groups</h3>
      <p>{(role.groups ?? []).length === 0 ? 'None.' : <Text value={(role.groups ?? []).join(', ')} />}</p>
      <header className={styles.head}>
        <h3>Tokens</h3>
        <Button small icon="key" refused={tokenRefusal} onClick={() => setMaking(true)}>
          New token
        </Button>
      </header>
      <Tokens
        label={`Tokens of ${role.name}`}
        tokens={tokens}
        refusal={tokenRefusal}
        remove={remove}
        invalidates={invalidates}
      />
      {isMaking && (
        <NewToken
          title={`New token of ${role.name}`}
          invalidates={invalidates}
          make={(asked) => post(path, { project: name, role: role.name, ...asked })}
          onClose={() => setMaking(false)}
        />
      )}
    </section>
  );
}

/** Whoever is of a group of a role may give out its tokens. A group with a comma in its name stands in quotes. */
function isOfGroup(role: Role, group: string): boolean {
  return (role.groups ?? []).some((one) => one === group || one === `"${group}"`);
}

function Policy({ project, role, line }: { project: string; role: string; line: string }) {
  const rule = ruleOf(project, role, line);
  if (rule === null) return <Text value={line} />;
  return (
    <>
      {rule.effect === 'deny' ? 'May not ' : 'May '}
      <code>{rule.action}</code> {rule.resource} <code>{`${project}/${rule.object}`}</code>
    </>
  );
}

function lostWith(project: Project, role: Role): string {
  const tokens = tokensOf(project, role).length;
  const groups = (role.groups ?? []).length;
  return `Its ${tokens} ${tokens === 1 ? 'token is' : 'tokens are'} refused at once, and ${groups} ${
    groups === 1 ? 'group loses' : 'groups lose'
  } what it allows. Tokens cannot be brought back.`;
}

function replaced(roles: readonly Role[], before: Role | null, after: Role): Role[] {
  return before === null ? [...roles, after] : roles.map((role) => (role === before ? after : role));
}
