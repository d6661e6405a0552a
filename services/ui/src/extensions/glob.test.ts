import { describe, expect, it } from 'vitest';
import { matcher } from './glob';

describe('patterns of groups and kinds', () => {
  it.each([
    ['argoproj.io', ['argoproj.io'], ['argoprojXio', '', 'argoproj.io.x']],
    ['*', ['apps', 'argoproj.io'], ['']],
    ['**', ['', 'apps', 'argoproj.io'], []],
    ['', [''], ['apps']],
    ['*.crossplane.io', ['aws.crossplane.io'], ['crossplane.io', 'crossplane.io.x']],
    ['{apps,batch}', ['apps', 'batch'], ['', 'app', '{apps,batch}']],
    ['{apps}', ['{apps}'], ['apps']],
    ['{a,{b,c}d}', ['a', 'bd', 'cd'], ['b', 'ad']],
    ['Re?lica*', ['ReplicaSet', 'Replica'], ['Relica']],
    ['[A-D]*', ['Deployment', 'Apple'], ['Pod', '']],
    ['[!P]od', ['Nod'], ['Pod', 'od']],
    ['!Pod', ['Deployment', ''], ['Pod']],
    ['@(Pod|Job)', ['Pod', 'Job'], ['PodJob', 'Deployment']],
    ['?(Cron)Job', ['CronJob', 'Job'], ['CronCronJob']],
    ['!(Pod)', ['Deployment'], ['Pod']],
    ['+(a|b)', ['a', 'abab'], ['', 'c']],
    ['a(b|c', ['a(b|c'], ['ab']],
    ['[', ['['], ['a']],
    ['\\*', ['*'], ['a']],
  ] as const)('%s', (pattern, yes, no) => {
    const matches = matcher(pattern);
    expect(yes.filter((text) => !matches(text))).toEqual([]);
    expect(no.filter((text) => matches(text))).toEqual([]);
  });
});
