#!/usr/bin/env python3
"""tls_server.py - a TLS server on loopback, asked directly or as a proxy.

    tls_server.py --port-file FILE --cert CERT --key KEY --log-dir DIR

What comes after CONNECT is answered by itself, whatever host was named, so
that a program can be let speak to a service under its real name. Each request
is written to DIR/N, numbered from 1. Known paths: /token, accounts:lookup and
accounts:update of one user, /slow, which never answers; anything else is a
collector that found nothing.
"""

import argparse
import itertools
import json
import os
import socket
import ssl
import threading

claims = '{"team":"a"}'
numbers = itertools.count(1)


def answer(path, body):
    global claims
    if path == "/token":
        return {"access_token": "ya29.t0ken-s3cret", "expires_in": 3599}
    if path.endswith("accounts:lookup"):
        return {"users": [{"localId": "u", "customAttributes": claims}]}
    if path.endswith("accounts:update"):
        claims = json.loads(body)["customAttributes"]
        return {"localId": "u"}
    return {"count": 0, "metrics": {}, "interactions": []}


def read_head(stream):
    lines = []
    while (line := stream.readline()) not in (b"\r\n", b""):
        lines.append(line.decode().rstrip("\r\n"))
    return lines


def serve(connection, context, log_dir):
    via = ""
    if connection.recv(1, socket.MSG_PEEK) == b"C":
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += connection.recv(1)
        via = head.split()[1].decode()
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    try:
        secure = context.wrap_socket(connection, server_side=True)
    except OSError:
        return  # the client does not trust this server
    stream = secure.makefile("rb")
    while head := read_head(stream):
        fields = dict(line.lower().split(": ", 1) for line in head[1:])
        body = stream.read(int(fields.get("content-length", 0))).decode()
        number = next(numbers)
        with open(f"{log_dir}/{number}.tmp", "w", encoding="utf-8") as log:
            log.write("\n".join([f"via {via}", *head, "", body]))
        os.rename(f"{log_dir}/{number}.tmp", f"{log_dir}/{number}")
        path = head[0].split()[1]
        if path.startswith("/slow"):
            stream.read(1)
            return
        text = json.dumps(answer(path, body)).encode()
        secure.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(text), text)
        )


def main():
    parser = argparse.ArgumentParser()
    for name in ("port-file", "cert", "key", "log-dir"):
        parser.add_argument("--" + name, required=True)
    options = parser.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.cert, options.key)
    listener = socket.create_server(("127.0.0.1", 0))
    with open(options.port_file + ".tmp", "w", encoding="utf-8") as file:
        file.write(str(listener.getsockname()[1]))
    os.rename(options.port_file + ".tmp", options.port_file)
    while True:
        connection, _ = listener.accept()
        threading.Thread(
            target=serve,
            args=(connection, context, options.log_dir),
            daemon=True,
        ).start()


main()
