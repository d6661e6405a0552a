/** Policy lines of a project's role: `p, proj:PROJECT:ROLE, RESOURCE, ACTION, PROJECT/OBJECT, EFFECT`. */

export const RESOURCES = ['applications', 'applicationsets', 'repositories', 'clusters', 'logs', 'exec'] as const;
export const ACTIONS = ['get', 'create', 'update', 'delete', 'sync', 'override', 'rollback', '*'] as const;
export const EFFECTS = ['allow', 'deny'] as const;

/** Actions that name one kind: `action/apps/Deployment/restart`, `update/*`, `delete/batch/Job/*`. */
const PATHS = ['action/', 'update/', 'delete/'];

export interface Rule {
  readonly resource: string;
  readonly action: string;
  /** What stands behind the project: a name, a namespace and a name, or globs of these. */
  readonly object: string;
  readonly effect: string;
}

export function subject(project: string, role: string): string {
  return `proj:${project}:${role}`;
}

export function line(project: string, role: string, rule: Rule): string {
  return ['p', subject(project, role), rule.resource, rule.action, `${project}/${rule.object}`, rule.effect].join(', ');
}

/** A line's rule; null for one that is not this role's, which is then shown and kept as it is. */
export function ruleOf(project: string, role: string, text: string): Rule | null {
  const [p, who, resource, action, object, effect, ...more] = text.split(',').map((part) => part.trim());
  if (p !== 'p' || who !== subject(project, role) || more.length > 0) return null;
  if (resource === undefined || action === undefined || object === undefined || effect === undefined) return null;
  if (!object.startsWith(`${project}/`)) return null;
  return { resource, action, object: object.slice(project.length + 1), effect };
}

/** Why the server would refuse a rule, by its field; nothing where it would take it. */
export function problemsOf(rule: Rule): Partial<Record<keyof Rule, string>> {
  const found: Partial<Record<keyof Rule, string>> = {};
  if (!RESOURCES.some((name) => name === rule.resource)) found.resource = `Not one of ${RESOURCES.join(', ')}`;
  const isKnown = ACTIONS.some((name) => name === rule.action) || PATHS.some((path) => rule.action.startsWith(path));
  if (!isKnown || /[,\s]/.test(rule.action))
    found.action = `Not one of ${ACTIONS.join(', ')}, or action/…, update/…, delete/…`;
  if (!/^([*\w.-]+\/)?[*\w.-]+$/.test(rule.object)) found.object = 'A name, a namespace and a name, or *';
  if (!EFFECTS.some((name) => name === rule.effect)) found.effect = 'allow or deny';
  return found;
}

const ROLE_NAME = /^[a-zA-Z0-9]([-_a-zA-Z0-9]*[a-zA-Z0-9])?$/;

/** Why a role may not be called so; "" where it may. */
export function problemOfRoleName(name: string, others: readonly string[]): string {
  if (name === '') return 'A role needs a name';
  if (!ROLE_NAME.test(name)) return "Letters, digits, '-' and '_', beginning and ending with a letter or digit";
  return others.includes(name) ? `There is a role '${name}' already` : '';
}
