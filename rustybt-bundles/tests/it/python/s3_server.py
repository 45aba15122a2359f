"""A server that speaks S3, for tests: says where it is, and goes away with the one who started it.

usage: s3_server.py; prints its URL. It has one empty bucket, `market`. Needs moto[server].
"""

import sys
import urllib.request

from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f"http://{host}:{port}"
urllib.request.urlopen(urllib.request.Request(f"{url}/market", method="PUT")).read()
print(url, flush=True)
sys.stdin.read()
server.stop()
