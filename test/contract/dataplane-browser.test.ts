import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startForwardProxy } from '../../src/sandbox/dataplane/forward-proxy.ts';
import { DEFAULT_CERTIFICATE, HTTPS } from './dataplane-certificates.ts';
import { startIssuer } from './dataplane-issuer.ts';
import { forwardTo, newWorld } from './dataplane-world.ts';
import { temporaryFolder } from './temporary-folder.ts';

const BROWSER = 'chromium';
const installed = spawnSync(BROWSER, ['--version']).status === 0;

/** Everything but loopback goes to the sandbox's proxy, which leads nowhere else. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  // Containers have little shared memory.
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--ignore-certificate-errors',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  '--virtual-time-budget=10000',
  '--dump-dom',
];

test('a browser logs in by OIDC through the forward proxy, form and redirects included', {
  skip: installed ? false : `${BROWSER} is not installed`,
}, async (context) => {
  const world = newWorld();
  const profile = temporaryFolder('browser-');
  const proxy = await startForwardProxy(world.plane);
  context.after(async () => {
    rmSync(profile, { recursive: true, force: true });
    await proxy.stop();
    await world.stop();
  });
  world.state.certificates.set(DEFAULT_CERTIFICATE.arn, DEFAULT_CERTIFICATE);
  const issuer = await startIssuer(world);
  issuer.behaviour.form = true;
  const port = await world.backend((request, response) => {
    response.setHeader('Content-Type', 'text/html');
    const cookies = (request.headers.cookie ?? '').split('; ').map((pair) => pair.split('=')[0]);
    response.end(`<p>hello ${request.headers['x-amzn-oidc-identity']} at ${request.url} with ${cookies}</p>`);
  });
  const loadBalancer = world.loadBalancer();
  world.listener(loadBalancer, [issuer.action(), { ...forwardTo(world.group([port])), Order: 2 }], HTTPS);
  const AliasTarget = {
    HostedZoneId: 'Z215JYRZR1TBD5',
    DNSName: loadBalancer.DNSName,
    EvaluateTargetHealth: false,
  };
  world.state.zones.set('Z1', {
    zone: { Id: '/hostedzone/Z1', Name: 'example.com.', CallerReference: 'test' },
    vpcs: [],
    records: new Map([['app', { Name: 'app.example.com.', Type: 'A', AliasTarget }]]),
  });
  await world.changed();
  const flags = [...FLAGS, `--user-data-dir=${profile}`, `--proxy-server=${proxy.url}`];
  const { stdout } = await promisify(execFile)(BROWSER, [...flags, 'https://app.example.com/start?a=b'], {
    timeout: 60_000,
  });
  assert.match(stdout, /hello user-1 at \/start\?a=b with AWSELBAuthSessionCookie-0</);
  const asked = issuer.seen.filter((each) => !each.includes('favicon') && each !== 'GET /');
  assert.deepEqual(asked, ['GET /authorize', 'POST /allow', 'POST /token', 'GET /userinfo']);
});
