# answermill as containers: all of it, and, what is built if none is named, the
# collector: collector-serve behind a bearer token.
#
#   docker build --target answermill -t answermill:all .
#   docker run --user "$(id -u):$(id -g)" -v "$PWD:/data" answermill:all \
#     run --threads threads.jsonl
#
#   docker build -t answermill .
#   docker run -p 8787:8787 -v "$PWD/token:/run/secrets/token:ro" \
#     -v answermill:/data --env-file .env answermill --subreddit mtgrules
#
# The token's file must be readable by user 10001 and by nobody outside its
# group. REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET come from the environment;
# PORT and ANSWERMILL_STORE have the defaults below. A SQLite store needs a
# volume at /data.
FROM debian:12-slim AS build
COPY scripts/setup /src/scripts/setup
RUN /src/scripts/setup
COPY . /src
RUN cd /src && cmake --preset release -G Ninja -DBUILD_TESTING=OFF \
    && cmake --build build \
    && cmake --install build --strip --prefix /installed

FROM debian:12-slim AS answermill
RUN apt-get update -q \
    && apt-get install -y -q --no-install-recommends ca-certificates \
       libbz2-1.0 libcld2-0 libcurl4 liblzma5 \
       libpcre2-8-0 libsimdjson14 libsqlite3-0 libssl3 libutf8proc2 libzstd1 make zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home collector \
    && mkdir /data && chown collector /data
COPY --from=build /installed /usr/local
USER 10001
WORKDIR /data
ENTRYPOINT ["answermill"]

FROM answermill AS collector
VOLUME /data
ENV PORT=8787 ANSWERMILL_STORE=sqlite:/data/answermill.db
EXPOSE 8787
# exec, so that SIGTERM reaches collector-serve.
ENTRYPOINT ["/bin/sh", "-c", "exec collector-serve --listen \"0.0.0.0:$PORT\" --token-file /run/secrets/token \"$@\"", "collector-serve"]
