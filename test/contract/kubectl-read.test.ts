import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { cannotRun } from './kubectl.ts';
import { startTestCluster, type TestCluster } from './sandbox-cluster.ts';

const OBJECTS = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web, tier: front}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: echoserver, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec: {type: NodePort, selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, labels: {app: web}}
spec:
  ingressClassName: alb
  tls: [{hosts: [a.example.com]}]
  rules:
  - host: a.example.com
    http: {paths: [{path: /x, pathType: Exact, backend: {service: {name: web, port: {name: http}}}}]}
  - host: b.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: alb}
spec: {controller: ingress.k8s.aws/alb}
---
apiVersion: v1
kind: Secret
metadata: {name: cert}
type: kubernetes.io/tls
stringData: {tls.crt: a, tls.key: b}
`;

describe('kubectl reads objects', { skip: cannotRun() }, () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startTestCluster('127.73');
    await cluster.kubectl('apply -f -', OBJECTS);
    await cluster.kubectl('rollout status deploy/web --timeout=20s');
    await cluster.kubectl('create configmap a --from-literal=x=1');
    await cluster.kubectl('create configmap b --from-literal=x=1');
  });
  after(() => cluster.stop());

  /** A command, and what it must print. */
  const PRINTS: readonly (readonly [string, RegExp])[] = [
    ['get deploy', /^NAME\s+READY\s+UP-TO-DATE\s+AVAILABLE\s+AGE\nweb\s+2\/2\s+2\s+2\s+\d+s\n$/],
    ['get deploy -o wide', /CONTAINERS\s+IMAGES\s+SELECTOR\nweb .* web\s+echoserver\s+app=web\n$/],
    ['get rs', /DESIRED\s+CURRENT\s+READY\s+AGE\nweb-\w+\s+2\s+2\s+2/],
    ['get pods', /^NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\nweb-\w+-\w+\s+1\/1\s+Running\s+0/],
    [
      'get pods -o wide',
      /IP\s+NODE\s+NOMINATED NODE\s+READINESS GATES\nweb-.*127\.73\.128\.\d+\s+node-[ab]\s+<none>\s+<none>/,
    ],
    [
      'get svc web',
      /^NAME\s+TYPE\s+CLUSTER-IP\s+EXTERNAL-IP\s+PORT\(S\)\s+AGE\nweb\s+NodePort\s+10\.100\.\d+\.\d+\s+<none>\s+80:3\d{4}\/TCP/,
    ],
    [
      'get ingress',
      /^NAME\s+CLASS\s+HOSTS\s+ADDRESS\s+PORTS\s+AGE\nweb\s+alb\s+a\.example\.com,b\.example\.com\s+80, 443/,
    ],
    ['get ingressclass', /NAME\s+CONTROLLER\s+PARAMETERS\s+AGE\nalb\s+ingress\.k8s\.aws\/alb\s+<none>/],
    [
      'get endpointslices',
      /ADDRESSTYPE\s+PORTS\s+ENDPOINTS\s+AGE\nweb-\w+\s+IPv4\s+8080\s+127\.73\.128\.\d+,127\.73\.128\.\d+/,
    ],
    [
      'get nodes',
      /^NAME\s+STATUS\s+ROLES\s+AGE\s+VERSION\ncp-1\s+Ready\s+control-plane\s+\d+s\s+v1\.35\.0\nnode-a\s+Ready\s+<none>/,
    ],
    ['get nodes -o wide', /INTERNAL-IP .*127\.73\.0\.13/s],
    ['get ns', /default\s+Active/],
    ['get secret cert', /kubernetes\.io\/tls\s+2/],
    ['get all', /pod\/web-.*service\/web.*deployment\.apps\/web.*replicaset\.apps\/web-/s],
    ['get deploy,svc web', /deployment\.apps\/web.*service\/web/s],
    ['get ingress web -o yaml', /ingressClassName: alb\n {2}rules:\n {2}- host: a\.example\.com/],
    ['get ingress web -o json', /"kind": "Ingress"/],
    ['get ingress -o name', /^ingress\.networking\.k8s\.io\/web\n$/],
    ["get ingress web -o jsonpath='{.spec.rules[*].host}'", /^a\.example\.com b\.example\.com$/],
    ["get ingress -o custom-columns='N:.metadata.name,C:.spec.ingressClassName'", /^N\s+C\nweb\s+alb\n$/],
    ["get ingress web -o go-template='{{.metadata.name}}'", /^web$/],
    ['get ingress --show-labels', /LABELS\nweb.*app=web/],
    ['get deploy -L tier', /TIER\nweb.*front/],
    ['get deploy -l app=web,tier!=back', /web/],
    ["get deploy -l 'tier in (front,back)'", /web/],
    ['get ns default -o name', /namespace\/default/],
    ['get configmap --sort-by=.metadata.name -o name', /a\n.*b\n/],
    ['get configmap --chunk-size=1 -o name', /configmap\/a\nconfigmap\/b\nconfigmap\/kube-root-ca\.crt/],
    ['get configmap --field-selector=metadata.name=b -o name', /^configmap\/b\n$/],
    ['get pods -A --no-headers', /^default\s+web-/],
    ['get --raw /api/v1/namespaces/default', /"phase":"Active"/],
    ['get --raw /healthz', /^ok$/],
    ['get svc web --show-managed-fields -o yaml', /manager: kubectl-client-side-apply/],
    [
      'describe ingress web',
      /Host\s+Path\s+Backends\n.*\n\s+a\.example\.com\s+\n\s+\/x\s+web:http \(127\.73\.128\.\d+:8080,127\.73\.128\.\d+:8080\)/,
    ],
    ['describe svc web', /Endpoints:\s+127\.73\.128\.\d+:8080,127\.73\.128\.\d+:8080/],
    [
      'describe deploy web',
      /Replicas:\s+2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable.*NewReplicaSet:\s+web-\w+ \(2\/2 replicas created\).*ScalingReplicaSet/s,
    ],
    ['describe rs', /Controlled By:\s+Deployment\/web/],
    ['describe pods', /Status:\s+Running.*Ready\s+True.*Successfully assigned default\/web-/s],
    ['describe node node-a', /ProviderID:\s+aws:\/\/\/us-west-2a\/i-0aaa.*Non-terminated Pods:/s],
    ['describe node cp-1', /Taints:\s+node-role\.kubernetes\.io\/control-plane:NoSchedule/],
    ['describe ns default', /No resource quota\./],
    ['describe ingressclass alb', /Controller:\s+ingress\.k8s\.aws\/alb/],
    ['describe configmap a', /x:\n----\n1/],
    ['describe secret cert', /tls\.crt:\s+1 bytes/],
    ['describe sa default', /Name:\s+default/],
    ['describe endpointslices', /AddressType:\s+IPv4/],
    ['describe lease node-a -n kube-node-lease', /Holder Identity:\s+node-a/],
    ['explain ingress', /KIND:\s+Ingress\nVERSION:\s+v1/],
    ['explain ingress.spec.rules.http.paths.pathType', /FIELD: pathType <string>/],
    ['explain deployment --recursive', /maxUnavailable\s+<IntOrString>/],
    ['api-resources', /ingresses\s+ing\s+networking\.k8s\.io\/v1\s+true\s+Ingress/],
    ['api-resources --api-group=apps -o name', /deployments\.apps/],
    ['api-resources -o wide --namespaced=false', /nodes\s+no\s+v1\s+false\s+Node\s+create,delete/],
    ['api-versions', /networking\.k8s\.io\/v1/],
    ['version', /Server Version: v1\.35\.0/],
    ['cluster-info', /Kubernetes control plane is running at https:\/\/127\.0\.0\.1/],
    ['events', /ScalingReplicaSet/],
    ['events --for deployment/web', /Scaled up replica set/],
    ['get events --field-selector=involvedObject.kind=Deployment', /deployment\/web/],
    ['get events.v1.events.k8s.io', /deployment\/web/],
    ['config view --minify', /current-context: sandbox/],
  ];
  for (const [command, expected] of PRINTS) {
    test(command, async () => {
      assert.match(await cluster.kubectl(command), expected);
    });
  }

  test('get -w shows what changes', async () => {
    const watching = cluster.tryKubectl('get configmap -w -o name --request-timeout=1500ms');
    await cluster.kubectl('create configmap w');
    await cluster.kubectl('label configmap w a=b');
    assert.match((await watching).stdout, /configmap\/w\n/);
  });
});
