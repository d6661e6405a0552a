import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Change, Project } from './model';
import { onTop, ProjectOvertakenError, written } from './saving';
import { changeOf } from './YamlDialog';

const project = (spec: Project['spec'], resourceVersion = '1'): Project => ({
  metadata: { name: 'team', resourceVersion },
  spec,
});

function server(...answers: [number, unknown][]): { method: string; body: { project?: Project } }[] {
  const sent: { method: string; body: { project?: Project } }[] = [];
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    sent.push({
      method: init.method ?? '',
      body: init.body ? (JSON.parse(String(init.body)) as { project?: Project }) : {},
    });
    const [status, answer] = answers.shift() ?? [500, { message: 'asked too often' }];
    return new Response(JSON.stringify(answer), { status });
  });
  return sent;
}

afterEach(() => vi.unstubAllGlobals());

const BASE = project({ description: 'one', sourceRepos: ['a'] });

describe('saving fields of a project', () => {
  it('leaves what others changed meanwhile, of other fields and of the same list', async () => {
    const sent = server(
      [200, project({ description: 'theirs', sourceRepos: ['a', 'b'] }, '5')],
      [409, { message: 'changed', code: 10 }],
      [200, project({ description: 'theirs', sourceRepos: ['a', 'b'] }, '6')],
      [200, project({})],
    );
    await written({ base: BASE, spec: { sourceRepos: ['a', 'mine'] } });
    const last = sent[3]?.body.project;
    expect(last?.spec).toEqual({ description: 'theirs', sourceRepos: ['a', 'b', 'mine'] });
    expect(last?.metadata.resourceVersion).toBe('6');
  });

  it('stops where somebody else changed the same, and goes over that alone when it is meant', async () => {
    const theirs = project({ description: 'theirs' }, '5');
    server([200, theirs]);
    const wanted = { base: BASE, spec: { description: 'mine' } };
    await expect(written(wanted)).rejects.toBeInstanceOf(ProjectOvertakenError);
    server([200, project({ description: 'another' }, '6')]);
    await expect(written({ ...wanted, over: '5' })).rejects.toBeInstanceOf(ProjectOvertakenError);
    const sent = server([200, theirs], [200, theirs]);
    await written({ ...wanted, over: '5' });
    expect(sent[1]?.body.project?.spec.description).toBe('mine');
  });

  it('takes a field away', () => {
    const spec: Change = { orphanedResources: undefined };
    const base = project({ orphanedResources: { warn: true } });
    expect(onTop(base, spec, base)).toEqual({ merged: { orphanedResources: undefined }, conflicts: [] });
    expect(onTop(base, spec, project({ orphanedResources: { warn: false } })).conflicts).toHaveLength(1);
  });

  it('leaves the tokens that were made while a role was edited', () => {
    const role = (description: string, tokens: number[]) => ({
      name: 'ci',
      description,
      jwtTokens: tokens.map((iat) => ({ iat })),
    });
    const found = onTop(
      project({ roles: [role('', [1])] }),
      { roles: [role('mine', [1])] },
      project({ roles: [role('', [2, 1])] }),
    );
    expect(found).toEqual({ merged: { roles: [role('mine', [2, 1])] }, conflicts: [] });
  });
});

describe('a project as YAML', () => {
  it('has no field that was taken out of it', () => {
    expect(changeOf({ description: 'a', sourceRepos: ['b'] }, { sourceRepos: ['c'] })).toEqual({
      description: undefined,
      sourceRepos: ['c'],
    });
  });
});
