# For those who have an engine: docker build -t alb-ingress-controller .
# Without one, `npm run image` makes the same program into an OCI layout.
FROM node:24-bookworm-slim AS build
WORKDIR /src
RUN npm install --global npm@11
COPY . .
RUN npm ci && npx esbuild src/cli/main.ts --bundle --platform=node --target=node22 --format=esm \
    --main-fields=module,main --outfile=/app/alb-ingress.js \
    --banner:js="import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" && \
    echo '{"type":"module"}' > /app/package.json

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /app /app
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/node", "/app/alb-ingress.js"]
CMD ["run"]
