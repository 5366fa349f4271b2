# docker build -t faultline .
# docker run -p 127.0.0.1:4000:4000 -e TOKEN=use-a-long-random-text -v faultline:/data faultline
#
# In a container the server listens on every address, so it wants a token (README, Settings).

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY README.md LICENSE CHANGELOG.md tsconfig.json tsconfig.build.json ./
COPY schema schema
COPY migrations migrations
COPY src src
COPY web web
RUN npm pack && mv faultline-*.tgz faultline.tgz

FROM node:24-bookworm-slim
COPY --from=build /build/faultline.tgz /tmp/faultline.tgz
RUN npm i --global --no-fund --no-audit /tmp/faultline.tgz && rm /tmp/faultline.tgz && install -d -o node /data
USER node
ENV HOST=0.0.0.0 PORT=4000 DATABASE=/data/faultline.sqlite
VOLUME /data
EXPOSE 4000
HEALTHCHECK CMD ["node", "-e", "fetch('http://127.0.0.1:4000/ready').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["faultline"]
CMD ["serve"]
