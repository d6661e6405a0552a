import { describe, expect, it } from 'vitest';
import { bodyOf, keptOf, problemsOf, type Values, valuesOf } from './form';
import { fieldsOf, KIND_IDS, type KindId, kindOf, ownOf } from './kinds';

const KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n';

const FORMS: Readonly<Record<KindId, { values: Values; body: Record<string, unknown> }>> = {
  https: {
    values: { repo: ' https://git.example/a.git ', username: 'me', password: ' p ', enableLfs: true, depth: '3' },
    body: {
      type: 'git',
      repo: 'https://git.example/a.git',
      username: 'me',
      password: ' p ',
      enableLfs: true,
      depth: 3,
    },
  },
  ssh: {
    values: { repo: 'git@git.example:a.git', sshPrivateKey: KEY, insecure: true },
    body: { type: 'git', repo: 'git@git.example:a.git', sshPrivateKey: KEY, insecure: true },
  },
  github: {
    values: {
      repo: 'https://github.com/a/b',
      githubAppID: '12',
      githubAppInstallationID: '34',
      githubAppPrivateKey: KEY,
    },
    body: {
      type: 'git',
      repo: 'https://github.com/a/b',
      githubAppID: 12,
      githubAppInstallationID: 34,
      githubAppPrivateKey: KEY,
    },
  },
  google: {
    values: { repo: 'https://source.developers.google.com/p/a', gcpServiceAccountKey: '{}' },
    body: { type: 'git', repo: 'https://source.developers.google.com/p/a', gcpServiceAccountKey: '{}' },
  },
  azure: {
    values: {
      repo: 'https://dev.azure.com/a',
      azureServicePrincipalClientId: 'c',
      azureServicePrincipalClientSecret: 's',
      azureServicePrincipalTenantId: 't',
    },
    body: {
      type: 'git',
      repo: 'https://dev.azure.com/a',
      azureServicePrincipalClientId: 'c',
      azureServicePrincipalClientSecret: 's',
      azureServicePrincipalTenantId: 't',
    },
  },
  'azure-identity': {
    values: { repo: 'https://dev.azure.com/a' },
    body: { type: 'git', repo: 'https://dev.azure.com/a', useAzureWorkloadIdentity: true },
  },
  helm: {
    values: { repo: 'registry.example/charts', name: 'charts', enableOCI: true },
    body: { type: 'helm', repo: 'registry.example/charts', name: 'charts', enableOCI: true },
  },
  oci: {
    values: { repo: 'oci://registry.example/charts', username: 'me', password: 'p', insecureOCIForceHttp: true },
    body: {
      type: 'oci',
      repo: 'oci://registry.example/charts',
      username: 'me',
      password: 'p',
      insecureOCIForceHttp: true,
    },
  },
};

describe('the form of a repository', () => {
  it.each(KIND_IDS)('sends what the API takes: %s', (kind) => {
    const { values, body } = FORMS[kind];
    expect(bodyOf(kind, values, false)).toEqual(body);
    expect(problemsOf(kind, values, false)).toEqual({});
  });

  it('sends nothing that was typed for another kind', () => {
    const values = { ...FORMS.https.values, ...FORMS.ssh.values };
    expect(bodyOf('ssh', values, false)).not.toHaveProperty('password');
    expect(bodyOf('https', values, false)).not.toHaveProperty('sshPrivateKey');
  });

  it('keeps what is declared and not shown, but no secret and nothing of another kind', () => {
    const declared = { repo: 'https://git.example/a.git', type: 'git', enableOCI: true, password: 'leaked' };
    expect(keptOf('https', declared, false)).toEqual({ enableOCI: true });
    expect(keptOf('ssh', declared, false)).toEqual({});
  });

  it('of a template has an url and none of the fields that templates lack', () => {
    const body = bodyOf('https', { ...FORMS.https.values, name: 'x', project: 'team', insecure: true }, true);
    expect(body).toEqual({ type: 'git', url: 'https://git.example/a.git', username: 'me', password: ' p ' });
    expect(fieldsOf('https', true).options).toEqual(['proxy', 'noProxy', 'forceHttpBasicAuth']);
  });

  it('of one that there is begins without its secrets', () => {
    const declared = {
      repo: 'https://git.example/a.git',
      type: 'git',
      username: 'me',
      password: 'leaked',
      githubAppID: 12,
    };
    expect(valuesOf(declared)).toEqual({ repo: 'https://git.example/a.git', username: 'me', githubAppID: '12' });
  });

  it('is of the kind that can be told without its secrets', () => {
    expect(kindOf({ repo: 'git@git.example:a.git' })).toBe('ssh');
    expect(kindOf({ repo: 'https://git.example/a' })).toBe('https');
    expect(kindOf({ url: 'https://github.com/a', githubAppID: 1 })).toBe('github');
    expect(kindOf({ repo: 'oci://registry.example/a' })).toBe('oci');
    expect(kindOf({ repo: 'https://charts.example', type: 'helm' })).toBe('helm');
  });

  it('does not take what a template lends for the repository’s own', () => {
    const lent = {
      repo: 'https://github.com/a/b',
      githubAppID: 1,
      username: 'u',
      proxy: 'http://p',
      inheritedCreds: true,
    };
    expect(kindOf(ownOf(lent))).toBe('https');
    expect(valuesOf(ownOf(lent))).toEqual({ repo: lent.repo, proxy: 'http://p' });
    expect(valuesOf(ownOf({ ...lent, project: 'team' }))).toEqual({ repo: lent.repo, project: 'team' });
    expect(ownOf({ repo: 'https://a', username: 'u' })).toEqual({ repo: 'https://a', username: 'u' });
  });

  it.each<[KindId, Values, string]>([
    ['https', { repo: '' }, 'repo'],
    ['https', { repo: 'git@git.example:a.git' }, 'repo'],
    ['https', { repo: 'https://a b' }, 'repo'],
    ['oci', { repo: 'https://registry.example' }, 'repo'],
    ['https', { repo: 'https://a', depth: 'three' }, 'depth'],
    ['https', { repo: 'https://a', tlsClientCertData: '-----BEGIN CERTIFICATE-----' }, 'tlsClientCertKey'],
    ['ssh', { repo: 'git@a:b', sshPrivateKey: 'ssh-ed25519 AAAA' }, 'sshPrivateKey'],
    ['github', { repo: 'https://github.com/a', githubAppPrivateKey: KEY }, 'githubAppID'],
    ['helm', { repo: 'https://charts.example' }, 'name'],
  ])('of %s says what is wrong as one types: %o', (kind, values, field) => {
    expect(Object.keys(problemsOf(kind, values, false))).toEqual([field]);
  });
});
