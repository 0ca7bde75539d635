/** What an Ingress of these tests stands on: the class `alb`, and Service `web` in namespace `shop`. */
export const WEB_SERVICE = `
kind: IngressClass
metadata: { name: alb }
spec: { controller: ingress.k8s.aws/alb }
---
kind: Service
metadata: { name: web, namespace: shop, uid: u }
spec: { type: NodePort, ports: [{ port: 80, targetPort: 8080, nodePort: 31001 }] }
---`;
