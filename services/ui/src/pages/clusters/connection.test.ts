import { describe, expect, it } from 'vitest';
import { type Connection, configOf, EMPTY, problemsOf, toldOf, WAYS, type Way } from './connection';
import { bodyOf, changedOf, declaredOf } from './declared';
import { read } from './kubeconfig';

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
const ENCODED = btoa(`${PEM}\n`);

const FORMS: Readonly<Record<Way, { typed: Partial<Connection>; config: Record<string, unknown> }>> = {
  token: {
    typed: { bearerToken: ' secret ', caData: PEM, serverName: 'kubernetes' },
    config: {
      bearerToken: 'secret',
      tlsClientConfig: { insecure: false, caData: ENCODED, serverName: 'kubernetes' },
    },
  },
  certificate: {
    typed: { certData: PEM, keyData: ENCODED, insecure: true, caData: PEM },
    config: { tlsClientConfig: { insecure: true, certData: ENCODED, keyData: ENCODED } },
  },
  password: {
    typed: { username: 'me', password: ' p ', proxyUrl: 'http://proxy:3128' },
    config: { username: 'me', password: ' p ', tlsClientConfig: { insecure: false }, proxyUrl: 'http://proxy:3128' },
  },
  aws: {
    typed: { clusterName: 'prod', roleARN: 'arn:aws:iam::1:role/deployer', profile: 'prod', disableCompression: true },
    config: {
      awsAuthConfig: { clusterName: 'prod', roleARN: 'arn:aws:iam::1:role/deployer', profile: 'prod' },
      tlsClientConfig: { insecure: false },
      disableCompression: true,
    },
  },
  exec: {
    typed: {
      command: 'argocd-k8s-auth',
      args: 'gcp\n--project=a b\n',
      env: [
        { key: 'HOME', value: '/tmp' },
        { key: ' ', value: 'nothing' },
      ],
      installHint: 'ask us',
      provideClusterInfo: true,
    },
    config: {
      execProviderConfig: {
        command: 'argocd-k8s-auth',
        apiVersion: 'client.authentication.k8s.io/v1',
        args: ['gcp', '--project=a b'],
        env: { HOME: '/tmp' },
        installHint: 'ask us',
        provideClusterInfo: true,
      },
      tlsClientConfig: { insecure: false },
    },
  },
  none: { typed: {}, config: { tlsClientConfig: { insecure: false } } },
};

describe('the connection of a cluster', () => {
  it.each(Object.keys(WAYS) as Way[])('is sent as the API takes it: %s', (way) => {
    const typed = { ...EMPTY, ...FORMS[way].typed, way };
    expect(configOf(typed)).toEqual(FORMS[way].config);
    expect(problemsOf(typed)).toEqual({});
  });

  it('takes nothing along that was typed for another way', () => {
    const typed = { ...EMPTY, ...FORMS.token.typed, ...FORMS.certificate.typed, way: 'aws' as const, clusterName: 'x' };
    expect(JSON.stringify(configOf(typed))).not.toMatch(/secret|certData|keyData/);
  });

  it.each<[Partial<Connection>, string[]]>([
    [{ way: 'token' }, ['bearerToken']],
    [{ way: 'certificate', certData: 'rubbish', keyData: PEM }, ['certData']],
    [{ way: 'aws' }, ['clusterName']],
    [{ way: 'none', caData: btoa('no certificate') }, ['caData']],
    [{ way: 'none', proxyUrl: 'proxy:3128' }, ['proxyUrl']],
  ])('says what is wrong with %o', (typed, fields) => {
    expect(Object.keys(problemsOf({ ...EMPTY, ...typed }))).toEqual(fields);
  });

  it('of one that there is begins with what is told, which is no secret', () => {
    const config = { tlsClientConfig: { insecure: true, serverName: 'a' }, awsAuthConfig: { clusterName: 'prod' } };
    const told = toldOf({ server: 'https://a', config });
    expect([told.way, told.clusterName, told.insecure, told.serverName]).toEqual(['aws', 'prod', true, 'a']);
    expect([told.bearerToken, told.password, told.keyData]).toEqual(['', '', '']);
  });
});

describe('what is declared of a cluster', () => {
  it('is written only where it changed', () => {
    const before = declaredOf({ server: 'https://a', name: 'a', shard: 0, labels: { tier: 'edge' } });
    expect(changedOf(before, before)).toEqual([]);
    const after = { ...before, shard: '', project: ' team ', labels: [...before.labels, { key: 'x', value: '1' }] };
    expect(changedOf(before, after)).toEqual(['project', 'shard', 'labels']);
    expect(bodyOf(after)).toMatchObject({ project: 'team', shard: null, labels: { tier: 'edge', x: '1' } });
  });
});

describe('a kubeconfig', () => {
  const of = (user: string, cluster = '') => `
current-context: main
contexts: [{name: main, context: {cluster: prod, user: me}}, {name: other, context: {cluster: x, user: y}}]
clusters: [{name: prod, cluster: {server: 'https://a:6443', certificate-authority-data: ${ENCODED}${cluster}}}]
users: [{name: me, user: ${user}}]
`;

  it.each<[string, Way]>([
    ['{token: t}', 'token'],
    [`{client-certificate-data: ${ENCODED}, client-key-data: ${ENCODED}}`, 'certificate'],
    ['{username: u, password: p}', 'password'],
    ['{exec: {command: aws, args: [eks, get-token], env: [{name: A, value: b}]}}', 'exec'],
  ])('fills the form with %s', (user, way) => {
    const found = read(of(user));
    if (typeof found === 'string') throw new Error(found);
    expect([found.name, found.server, found.connection.way]).toEqual(['prod', 'https://a:6443', way]);
    expect(problemsOf(found.connection)).toEqual({});
  });

  it('says what of it cannot be taken along', () => {
    const found = read(of('{tokenFile: /tmp/token}', ', tls-server-name: b, proxy-url: "http://p"'));
    if (typeof found === 'string') throw new Error(found);
    expect(found.left).toEqual(['the file of tokenFile']);
    expect([found.connection.serverName, found.connection.proxyUrl]).toEqual(['b', 'http://p']);
  });

  it.each(['', 'a: [', 'clusters: []', '<html>'])('that is none is told so: %s', (text) => {
    expect(typeof read(text)).toBe('string');
  });
});
