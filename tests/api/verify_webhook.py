"""Whether a request that webhook_receiver.py wrote down is signed as Standard Webhooks says, by Python's own hmac.

    verify_webhook.py REQUEST.json whsec_… [whsec_…]

Prints `yes` or `no` for each secret, in their order: whether one of the signatures is made with it.
"""
import base64
import hashlib
import hmac
import json
import sys

request = json.load(open(sys.argv[1]))
headers = request["headers"]
message = f'{headers["webhook-id"]}.{headers["webhook-timestamp"]}.{request["body"]}'.encode()
given = headers["webhook-signature"].split(" ")
for secret in sys.argv[2:]:
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    wanted = "v1," + base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
    print("yes" if any(hmac.compare_digest(wanted, each) for each in given) else "no")
