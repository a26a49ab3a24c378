"""A program: serves one .gguf file by llama.cpp on loopback until its input closes; prints the address when ready."""

import os
import sys

import xllamacpp

CONTEXT = 8_192  # tokens, what SmolLM2 was trained on; shared by the answers under way
AT_ONCE = 2  # answers


def main() -> None:
    """Arguments: the file, and the name it is served under."""
    model, name = sys.argv[1:]
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.model_alias = {name}
    params.n_ctx, params.n_parallel, params.kv_unified = CONTEXT, AT_ONCE, True
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = os.cpu_count() or 2
    params.hostnames, params.port, params.offline = ["127.0.0.1"], 0, True
    params.ui, params.endpoint_slots, params.verbosity = False, False, -1
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()
    os._exit(0)  # without a wait for answers that nobody reads any more


main()
