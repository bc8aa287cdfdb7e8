"""A mail server (aiosmtpd) for the tests. It listens on a free port of the loopback and prints `listening on PORT`.

    smtp_server.py MODE DIRECTORY [CERT KEY]

Each mail that it takes is a file DIRECTORY/N.eml, with the envelope in N.json; sign-ins holds who tried to sign in, and
with which password. MODE says how it behaves:

    accept     takes all                        later      puts off the first MAIL of each sender with 450
    refuse     550 to each reader               refuse-one 550 to readers whose address begins with `nobody`
    hang       never answers DATA               vanish     takes the mail, and closes before it says so
    shy        closes instead of a greeting     busy       421 instead of a greeting
    starttls   takes mails after STARTTLS only  auth       the same, and after sign-in as ada with `correct`
    ascii      does not know SMTPUTF8
"""
import asyncio
import json
import pathlib
import socket
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

warnings.simplefilter("ignore")
mode, directory = sys.argv[1], pathlib.Path(sys.argv[2])
put_off = set()
taken = 0


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, options):
        if mode == "later" and not put_off:
            put_off.add(address)
            return "450 4.7.1 grey listed, try again <ada@secret.example>"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if mode == "refuse" or (mode == "refuse-one" and address.startswith("nobody")):
            return f"550 5.1.1 <{address}> is unknown"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        global taken
        if mode == "hang":
            await asyncio.sleep(3600)
        taken += 1
        (directory / f"{taken}.json").write_text(
            json.dumps(
                {
                    "from": envelope.mail_from,
                    "to": envelope.rcpt_tos,
                    "options": envelope.mail_options,
                    "tls": session.ssl is not None,
                    "user": session.auth_data.decode() if session.auth_data else None,
                },
                ensure_ascii=False,
            )
        )
        (directory / f"{taken}.new").write_bytes(envelope.original_content)
        (directory / f"{taken}.new").rename(directory / f"{taken}.eml")
        if mode == "vanish" and taken == 1:
            server.transport.abort()
        return "250 2.0.0 taken"


def sign_in(server, session, envelope, mechanism, data):
    with (directory / "sign-ins").open("ab") as tried:
        tried.write(data.login + b" " + data.password + b"\n")
    good = data.login == b"ada" and data.password == b"correct"
    return AuthResult(success=good, handled=False, auth_data=data.login)


class Closing(asyncio.Protocol):
    def connection_made(self, transport):
        if mode == "busy":
            transport.write(b"421 4.3.2 too busy\r\n")
        transport.close()


def protocol():
    if mode in ("shy", "busy"):
        return Closing()
    tls = None
    if len(sys.argv) > 4:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(sys.argv[3], sys.argv[4])
    return SMTP(
        Handler(),
        hostname="mail.example",
        enable_SMTPUTF8=mode != "ascii",
        decode_data=False,
        tls_context=tls,
        require_starttls=mode in ("starttls", "auth"),
        authenticator=sign_in if mode == "auth" else None,
        auth_required=mode == "auth",
    )


async def serve():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    await asyncio.get_running_loop().create_server(protocol, sock=listener)
    print(f"listening on {listener.getsockname()[1]}", flush=True)
    await asyncio.Event().wait()


asyncio.run(serve())
