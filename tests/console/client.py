# SPDX-License-Identifier: Apache-2.0
"""A client of the console, written from the contract alone (docs: REST): envelope, token, refresh, both signatures."""
import base64
import hashlib
import hmac
import http.client
import json
import random
import ssl
import subprocess
import tempfile
import time
import urllib.parse
import uuid


class Refused(Exception):
    """HTTP status other than 200."""
    def __init__(self, status, envelope):
        super().__init__(f"{status}: {envelope}")
        self.status, self.envelope = status, envelope


def signature(key, method, path, rand, stamp, nonce):
    text = "\n".join((method, path, rand, stamp, nonce))
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def _piece(value):
    if isinstance(value, str):
        return value
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False).replace('"', "")
    return text.replace("{}", "[]") if isinstance(value, (list, dict)) else text


def enhanced(key, parameters):
    pieces = (f"{name}={_piece(parameters[name])}" for name in sorted(parameters, key=str.encode)
              if parameters[name] not in ("", None))
    text = "&".join(pieces).replace('"', "")
    return hmac.new((key or "token").encode(), text.encode(), hashlib.sha256).hexdigest()


def encrypted(public_key, text):
    """As the newer clients send a password: base64 of RSA-OAEP."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as key:
        key.write(public_key)
        key.flush()
        sent = subprocess.run(["openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", key.name, "-pkeyopt",
                               "rsa_padding_mode:oaep"], input=text.encode(), capture_output=True, check=True).stdout
    return base64.b64encode(sent).decode()


def query_of(parameters, name=None):
    """k[x]=v and k[0]=v, as the newer clients write them."""
    if isinstance(parameters, dict):
        inner = [(f"{name}[{key}]" if name else key, value) for key, value in parameters.items()]
    elif isinstance(parameters, list):
        inner = [(f"{name}[{i}]", value) for i, value in enumerate(parameters)]
    else:
        return [(name, "" if parameters is None else str(parameters))]
    return [pair for key, value in inner for pair in query_of(value, key)]


class Client:
    def __init__(self, port, secure=True, prefix="/api", newer=True):
        self.port, self.secure, self.prefix, self.newer = port, secure, prefix, newer
        self.token = self.refresh_token = None
        self.context = ssl.create_default_context()
        self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE  # as the clients in the field do

    def connection(self, timeout=20):
        if self.secure:
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout, context=self.context)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def send(self, method, path, body=None, headers=None):
        """The status and the bytes of the answer, with nothing added to what is sent."""
        connection = self.connection()
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            connection.close()

    def _headers(self, method, path, parameters):
        stamp, nonce = f"{time.time():.3f}", str(uuid.uuid4())
        key = self.token or ""
        headers = {"Content-Type": "application/json", "Accept": "application/json", "timestamp": stamp, "nonce": nonce,
                   "Authorization": key, "ACCESS-KEY": "",
                   "Signature": signature(key, method, path, parameters.get("_", ""), stamp, nonce)}
        if self.newer:
            # A GET's values are texts when they arrive, and that is what is signed.
            tree = json.loads(json.dumps(parameters), parse_int=str) if method == "GET" else parameters
            headers["enhanceStr"] = enhanced(key, tree)
        return headers

    def call(self, method, path, **parameters):
        """`data` of the answer; raises Refused."""
        path = self.prefix + path
        parameters["_"] = f"{random.getrandbits(32):08x}"
        headers = self._headers(method, path, parameters)
        if method == "GET":
            status, text, _ = self.send(method, path + "?" + urllib.parse.urlencode(query_of(parameters)), None, headers)
        else:
            status, text, _ = self.send(method, path, json.dumps(parameters), headers)
        envelope = json.loads(text)
        assert envelope["ret"] == status, envelope
        if status != 200:
            raise Refused(status, envelope)
        return envelope["data"]

    def log_in(self, name="admin", password="Info1234"):
        self.token = None
        if self.newer:
            password = encrypted(self.call("GET", "/sys/public_settings")["pubKey"], password)
        data = self.call("POST", "/auth/token", username=name, pwd=password)
        assert data["code"] == 0, data
        self.token, self.refresh_token = data["token"], data["refresh_token"]
        return data
