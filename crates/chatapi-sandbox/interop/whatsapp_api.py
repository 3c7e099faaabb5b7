"""Every method of PyPI's whatsapp-api 0.0.3, as it is, against the sandbox.

Usage: whatsapp_api.py INSTANCE [ADDRESS]. Without an address it calls the vendor's own host.
"""

import sys

from whatsapp.whatsapp import APIStatus, WhatsApp

instance = "instance" + sys.argv[1]
client = WhatsApp("token1234567890a", instance)
over = "https, to api.chat-api.com"
if len(sys.argv) > 2:
    client.BASE_URL = client.BASE_URL.replace("https://api.chat-api.com", sys.argv[2])
    over = "http"
assert client.BASE_URL.endswith("/" + instance + "/{}?token=token1234567890a"), client.BASE_URL

status = client.get_status()
assert status["parsed_status"] is APIStatus.AUTHENTICATED, status
assert status["statusData"]["substatus"] == "normal", status

sent = client.send_message("+91 90000-00001", "hello — привет").json()
assert list(sent) == ["sent", "message", "id", "queueNumber"], sent
assert sent["sent"] is True and sent["id"].startswith("true_919000000001@c.us_3EB0"), sent

# A form, with `cached` as True and junk beside it.
picture = "data:image/png;base64,iVBORw0KGgo="
for data in (picture, "https://example.org/cup.png"):
    sent = client.send_file("9000000001", data, "cup.png", caption="A cup").json()
    assert sent["sent"] is True and sent["queueNumber"] > 1, sent

queue = client.get_message_queue()
assert set(queue) == {"totalMessages", "first100"}, queue
assert queue["totalMessages"] == len(queue["first100"]), queue

refused = client.takeover().json()
assert "reason don't equals" in refused["result"] == refused["accountStatus"], refused

rebooted = client.reboot().json()
assert rebooted["success"] is True, rebooted

# Loading tells why. This client raises on reasons that it does not know: so it did with the vendor.
try:
    raise AssertionError(client.get_status())
except Exception as error:
    assert str(error) == "Unknown status: connecting", error

wrong = WhatsApp("nonsense", instance)
wrong.BASE_URL = client.BASE_URL.replace("token1234567890a", "nonsense")
answer = wrong.takeover()
assert answer.status_code == 401 and answer.json()["error"].startswith('Wrong token "nonsense"'), answer.text

print(f"whatsapp-api 0.0.3 over {over}: every method understood")
