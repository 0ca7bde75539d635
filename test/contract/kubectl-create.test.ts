import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { cannotRun } from './kubectl.ts';
import { startTestCluster, type TestCluster } from './sandbox-cluster.ts';

const MANIFESTS = `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Service
metadata: {name: front, namespace: shop}
spec:
  type: NodePort
  selector: {app: front}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front, namespace: shop}
spec:
  ingressClassName: alb
  rules:
  - host: shop.example.com
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: front, port: {number: 80}}}}
`;

/** What kubectl would send, without what only the client or only the server writes. */
const essence = (object: Record<string, unknown>): unknown => {
  const { metadata, status: _, ...rest } = object;
  const { name, labels, annotations } = metadata as Record<string, unknown>;
  return clean({ ...rest, metadata: { name, labels, annotations } });
};

/** Go prints empty structs and null times; they say nothing. */
const clean = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value)
    .map(([key, item]) => [key, clean(item)] as const)
    .filter(
      ([, item]) =>
        item !== null && item !== undefined && !(typeof item === 'object' && Object.keys(item).length === 0),
    );
  return Object.fromEntries(kept);
};

/** Everything the client sent must be in what the server stored; the server may have added defaults. */
const assertContains = (stored: unknown, sent: unknown, path: string): void => {
  if (Array.isArray(sent)) {
    assert.ok(
      Array.isArray(stored) && stored.length === sent.length,
      `${path}: ${JSON.stringify(stored)} is not ${JSON.stringify(sent)}`,
    );
    sent.forEach((item, at) => {
      assertContains(stored[at], item, `${path}[${at}]`);
    });
  } else if (typeof sent === 'object' && sent !== null) {
    for (const [key, item] of Object.entries(sent))
      assertContains((stored as Record<string, unknown> | undefined)?.[key], item, `${path}.${key}`);
  } else assert.equal(stored, sent, path);
};

describe('kubectl create', { skip: cannotRun() }, () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startTestCluster('127.70');
  });
  after(() => cluster.stop());

  test('takes a file of several documents in order', async () => {
    const said = await cluster.kubectl('create -f -', MANIFESTS);
    assert.deepEqual(said.trim().split('\n'), [
      'namespace/shop created',
      'service/front created',
      'ingress.networking.k8s.io/front created',
    ]);
    const port = await cluster.kubectl("get svc front -n shop -o jsonpath='{.spec.ports[0].nodePort}'");
    assert.ok(Number(port) >= 30000 && Number(port) <= 32767, port);
  });

  test('takes a List and makes names from generateName', async () => {
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [1, 2].map(() => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'made-' } })),
    };
    const said = await cluster.kubectl('create -f - -o name', JSON.stringify(list));
    const names = said.trim().split('\n');
    assert.equal(new Set(names).size, 2);
    for (const name of names) assert.match(name, /^configmap\/made-[a-z0-9]{5}$/);
  });

  /** These commands send protobuf: what arrives is compared with what kubectl prints when it only pretends. */
  const TYPED = [
    'namespace typed',
    'deployment typed --image=nginx:1 --replicas=0 --port=80',
    "ingress typed --class=alb --rule='a.example.com/path*=front:80' --rule='b.example.com/=front:http,tls=cert' --annotation=a=b --default-backend=front:80",
    'configmap typed --from-literal=a=1 --from-literal=b=two',
    'secret generic typed --from-literal=password=hunter2',
    'secret docker-registry typed-registry --docker-username=u --docker-password=p --docker-server=registry.example.com',
    'serviceaccount typed',
    'role typed --verb=get,list --resource=pods,ingresses.networking.k8s.io --resource-name=one',
    "clusterrole typed --verb=get --non-resource-url='/healthz'",
    'rolebinding typed --role=typed --user=jane --group=devs --serviceaccount=default:typed',
    'clusterrolebinding typed --clusterrole=typed --user=jane',
    'service clusterip typed --tcp=80:8080',
    'service nodeport typed-np --tcp=443:8443 --node-port=31443',
    'service externalname typed-en --external-name=db.example.com',
    'service loadbalancer typed-lb --tcp=80',
    'quota typed --hard=pods=50,services=60',
    'job typed --image=busybox -- sh -c exit',
    "cronjob typed --image=busybox --schedule='*/5 * * * *' -- date",
    'poddisruptionbudget typed --selector=app=typed --min-available=1',
    'priorityclass typed --value=1000 --description=typed',
  ];
  for (const args of TYPED) {
    test(`${args.split(' ').slice(0, 2).join(' ')} arrives as sent`, async () => {
      const sent: unknown = JSON.parse(
        await cluster.kubectl(
          `create ${args.replace(' -- ', ' --dry-run=client -o json -- ')}${args.includes(' -- ') ? '' : ' --dry-run=client -o json'}`,
        ),
      );
      const stored: unknown = JSON.parse(
        await cluster.kubectl(
          `create ${args.replace(' -- ', ' -o json -- ')}${args.includes(' -- ') ? '' : ' -o json'}`,
        ),
      );
      assertContains(
        essence(stored as Record<string, unknown>),
        essence(sent as Record<string, unknown>),
        'object',
      );
    });
  }

  test('expose, run and autoscale create objects', async () => {
    assert.match(
      await cluster.kubectl('expose deployment typed --name=exposed --port=80 --type=NodePort'),
      /service\/exposed exposed/,
    );
    assert.match(
      await cluster.kubectl('run runner --image=echoserver --port=8080 --labels=app=runner'),
      /pod\/runner created/,
    );
    assert.match(
      await cluster.kubectl('autoscale deployment typed --min=1 --max=3 --cpu=80%'),
      /typed autoscaled/,
    );
    assert.match(await cluster.kubectl('get hpa typed'), /Deployment\/typed/);
  });

  test('a dry run on the server stores nothing', async () => {
    await cluster.kubectl('create configmap pretended --dry-run=server');
    assert.equal((await cluster.tryKubectl('get configmap pretended')).code, 1);
  });

  test('auth questions are answered', async () => {
    assert.equal((await cluster.kubectl('auth can-i create pods')).trim(), 'yes');
    assert.match(await cluster.kubectl('auth whoami'), /kubernetes-admin/);
    assert.match(await cluster.kubectl('auth can-i --list'), /\*\.\*/);
  });
});
