# Postern in a container: `postern serve` with labs/container.yaml, as a user without rights.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN node node_modules/typescript/bin/tsc -p tsconfig.build.json && npm prune --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
COPY bin ./bin
COPY scripts/ready.js ./scripts/ready.js
COPY labs ./labs
COPY scenarios ./scenarios
RUN mkdir -p /data && chown 1000:1000 /data
USER 1000:1000
VOLUME /data
EXPOSE 5060/udp 5060/tcp 5061/tcp 2525/tcp 8443/tcp 8080/tcp
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["node", "-e", "fetch('http://' + (process.env.POSTERN_CONTROL_BIND || '127.0.0.1') + ':8080/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "bin/postern.js", "serve", "--lab", "labs/container.yaml", "--data", "/data", "--json"]
