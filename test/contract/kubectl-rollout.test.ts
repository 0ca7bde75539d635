import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { cannotRun } from './kubectl.ts';
import { startTestCluster, type TestCluster } from './sandbox-cluster.ts';

describe('kubectl rolls out, drains and logs', { skip: cannotRun() }, () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startTestCluster('127.75');
  });
  after(() => cluster.stop());
  const done = (what: string): Promise<string> => cluster.kubectl(`rollout status ${what} --timeout=30s`);

  test('a Deployment: restart, image change, history, undo, pause, resume', async () => {
    await cluster.kubectl('create deployment web --image=nginx:1 --replicas=3');
    assert.match(await done('deploy/web'), /successfully rolled out/);
    await cluster.kubectl('rollout restart deploy/web');
    await done('deploy/web');
    await cluster.kubectl('set image deploy/web nginx=httpd:2');
    await done('deploy/web');
    assert.match(await cluster.kubectl('rollout history deploy/web'), /1\s+<none>\n2\s+<none>\n3\s+<none>/);
    assert.match(await cluster.kubectl('rollout history deploy/web --revision=3'), /Image:\s+httpd:2/);
    await cluster.kubectl('rollout undo deploy/web --to-revision=1');
    await done('deploy/web');
    assert.equal(
      await cluster.kubectl("get deploy web -o jsonpath='{.spec.template.spec.containers[0].image}'"),
      'nginx:1',
    );
    assert.match(await cluster.kubectl('rollout history deploy/web'), /2\s+<none>\n3\s+<none>\n4\s+<none>/);
    await cluster.kubectl('rollout pause deploy/web');
    await cluster.kubectl('set image deploy/web nginx=httpd:3');
    assert.equal(
      await cluster.kubectl("get pods -l app=web -o jsonpath='{.items[*].spec.containers[0].image}'"),
      'nginx:1 nginx:1 nginx:1',
    );
    await cluster.kubectl('rollout resume deploy/web');
    await done('deploy/web');
    await cluster.kubectl('wait --for=delete pod -l app=web,never=1 --timeout=1s');
    assert.match(
      await cluster.kubectl("get rs -l app=web -o jsonpath='{.items[*].status.replicas}'"),
      /^[03 ]+$/,
    );
  });

  test('an image the sandbox does not know leaves the old Pods serving and says which images it knows', async () => {
    await cluster.kubectl('create deployment stuck --image=nginx --replicas=2');
    await done('deploy/stuck');
    await cluster.kubectl('set image deploy/stuck nginx=example.com/private:1');
    await cluster.kubectl(
      `wait --for='jsonpath={.status.containerStatuses[0].state.waiting.reason}=ErrImagePull' pod -l app=stuck --timeout=20s --field-selector=status.phase=Pending`,
    );
    assert.match(await cluster.kubectl('get pods -l app=stuck'), /ErrImagePull/);
    assert.match(
      await cluster.kubectl('get events --field-selector=type=Warning'),
      /cannot run image "example\.com\/private:1".*echoserver/,
    );
    assert.equal(await cluster.kubectl("get deploy stuck -o jsonpath='{.status.availableReplicas}'"), '2');
    await cluster.kubectl('delete deploy stuck');
  });

  test('StatefulSets and DaemonSets', async () => {
    const set = (kind: string, more: string): string =>
      `{apiVersion: apps/v1, kind: ${kind}, metadata: {name: set}, spec: {${more}selector: {matchLabels: {app: ${kind}}}, template: {metadata: {labels: {app: ${kind}}}, spec: {containers: [{name: c, image: 'nginx:1'}]}}}}`;
    await cluster.kubectl('create -f -', set('StatefulSet', 'serviceName: none, replicas: 2, '));
    assert.match(await done('sts/set'), /2 pods|complete/);
    assert.equal(
      await cluster.kubectl("get pods -l app=StatefulSet -o jsonpath='{.items[*].metadata.name}'"),
      'set-0 set-1',
    );
    await cluster.kubectl('rollout restart sts/set');
    await done('sts/set');
    await cluster.kubectl('create -f -', set('DaemonSet', ''));
    await done('ds/set');
    assert.match(await cluster.kubectl('get ds set'), /set\s+2\s+2\s+2\s+2\s+2/);
    await cluster.kubectl('set image ds/set c=nginx:2');
    await done('ds/set');
    await cluster.kubectl('delete sts,ds set');
  });

  test('Jobs complete, and start from a CronJob', async () => {
    await cluster.kubectl('create job one --image=busybox -- echo hi');
    await cluster.kubectl('wait --for=condition=complete job/one --timeout=20s');
    assert.match(await cluster.kubectl('logs job/one'), /runs no commands/);
    await cluster.kubectl(`create cronjob tick --image=busybox --schedule='* * * * *' -- date`);
    await cluster.kubectl('create job two --from=cronjob/tick');
    await cluster.kubectl('wait --for=condition=complete job/two --timeout=20s');
  });

  test('cordon, drain and uncordon', async () => {
    await cluster.kubectl('create deployment moved --image=nginx --replicas=2');
    await done('deploy/moved');
    await cluster.kubectl('cordon node-a');
    assert.match(await cluster.kubectl('get node node-a'), /Ready,SchedulingDisabled/);
    await cluster.kubectl('drain node-a --ignore-daemonsets --force --timeout=40s');
    await done('deploy/moved');
    assert.equal(
      await cluster.kubectl('get pods -l app=moved -o name --field-selector=spec.nodeName=node-a'),
      '',
    );
    await cluster.kubectl('uncordon node-a');
    await cluster.kubectl('taint nodes node-b only=one:NoSchedule');
    await cluster.kubectl('taint nodes node-b only-');
  });

  test('logs show the requests of a Pod', async () => {
    await cluster.kubectl('run talker --image=echoserver --port=8080');
    await cluster.kubectl('wait --for=condition=Ready pod/talker --timeout=20s');
    const ip = await cluster.kubectl("get pod talker -o jsonpath='{.status.podIP}'");
    await fetch(`http://${ip}:8080/first?a=1`).then((response) => response.text());
    await fetch(`http://${ip}:8080/second`).then((response) => response.text());
    assert.match(await cluster.kubectl('logs talker'), /"GET \/first\?a=1" 200 \d+ms\n.*"GET \/second" 200/);
    assert.doesNotMatch(await cluster.kubectl('logs talker --tail=1'), /first/);
    assert.match(await cluster.kubectl('logs talker --timestamps'), /^\d{4}-\d\d-\d\dT.*GET/);
    assert.match(
      (await cluster.tryKubectl('logs talker -c other')).stderr,
      /container other is not valid for pod talker/,
    );
    assert.match((await cluster.tryKubectl('exec talker -- ls')).stderr, /does not run containers/);
  });
});
