"""Looks into a built plugin library as a host does, with nothing but Python's own ctypes.

    inspect_plugin.py moduleinfo VST3_LIBRARY MODULEINFO_JSON
    inspect_plugin.py check CLAP_LIBRARY CLAP_RESOURCES VST3_LIBRARY VST3_RESOURCES
"""

import ctypes
import hashlib
import json
import pathlib
import struct
import sys

# What every Linux system of the last years has; anything else would be one more thing to install.
LINUX_LIBRARIES = {
    "libc.so.6", "libm.so.6", "libgcc_s.so.1", "libdl.so.2", "libpthread.so.0", "librt.so.1",
    "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1",
}

# IPluginFactory2 in the VST 3 SDK's ipluginbase.h.
PLUGIN_FACTORY_2 = (0x0007B650, 0xF24B4C0B, 0xA464EDB9, 0xF00B2ABB)
AUDIO_MODULE = "Audio Module Class"


class FactoryInfo(ctypes.Structure):
    """PFactoryInfo."""

    _fields_ = [
        ("vendor", ctypes.c_char * 64), ("url", ctypes.c_char * 256),
        ("email", ctypes.c_char * 128), ("flags", ctypes.c_int32),
    ]


class ClassInfo2(ctypes.Structure):
    """PClassInfo2."""

    _fields_ = [
        ("cid", ctypes.c_ubyte * 16), ("cardinality", ctypes.c_int32), ("category", ctypes.c_char * 32),
        ("name", ctypes.c_char * 64), ("flags", ctypes.c_uint32), ("sub_categories", ctypes.c_char * 128),
        ("vendor", ctypes.c_char * 64), ("version", ctypes.c_char * 64), ("sdk_version", ctypes.c_char * 64),
    ]


class ClapVersion(ctypes.Structure):
    """clap_version."""

    _fields_ = [("major", ctypes.c_uint32), ("minor", ctypes.c_uint32), ("revision", ctypes.c_uint32)]


class ClapEntry(ctypes.Structure):
    """clap_plugin_entry."""

    _fields_ = [
        ("version", ClapVersion),
        ("init", ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_char_p)),
        ("deinit", ctypes.CFUNCTYPE(None)),
        ("get_factory", ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p)),
    ]


class ClapDescriptor(ctypes.Structure):
    """clap_plugin_descriptor."""

    _fields_ = [("version_of_clap", ClapVersion)] + [
        (name, ctypes.c_char_p)
        for name in ("id", "name", "vendor", "url", "manual_url", "support_url", "version", "description")
    ] + [("features", ctypes.POINTER(ctypes.c_char_p))]


class ClapFactory(ctypes.Structure):
    """clap_plugin_factory."""

    _fields_ = [
        ("count", ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_void_p)),
        ("descriptor", ctypes.CFUNCTYPE(ctypes.POINTER(ClapDescriptor), ctypes.c_void_p, ctypes.c_uint32)),
    ]


def method(pointer, index, result, *arguments):
    """A method of a COM-like object by its place in the table."""
    table = ctypes.cast(pointer, ctypes.POINTER(ctypes.c_void_p)).contents.value
    address = ctypes.cast(table, ctypes.POINTER(ctypes.c_void_p))[index]
    function = ctypes.CFUNCTYPE(result, ctypes.c_void_p, *arguments)(address)
    return lambda *values: function(pointer, *values)


def interface_id(words):
    """An interface id as the platform lays it out: COM's order on Windows, big-endian elsewhere."""
    data = struct.pack(">4I", *words)
    if sys.platform == "win32":
        data = data[3::-1] + data[5:3:-1] + data[7:5:-1] + data[8:]
    return (ctypes.c_ubyte * 16).from_buffer_copy(data)


def class_id(cid):
    """A class id as moduleinfo.json wants it."""
    data = bytes(cid)
    if sys.platform == "win32":
        data = data[3::-1] + data[5:3:-1] + data[7:5:-1] + data[8:]
    return data.hex().upper()


def vst3_classes(library):
    """What the VST3 factory says: its own information and its classes."""
    module = ctypes.CDLL(library)
    if sys.platform.startswith("linux"):
        module.ModuleEntry.argtypes = [ctypes.c_void_p]
        module.ModuleEntry.restype = ctypes.c_bool
        if not module.ModuleEntry(module._handle):
            sys.exit(f"{library}: ModuleEntry refused")
    module.GetPluginFactory.restype = ctypes.c_void_p
    factory = module.GetPluginFactory()
    if not factory:
        sys.exit(f"{library}: GetPluginFactory returned nothing")
    second = ctypes.c_void_p()
    query = method(factory, 0, ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p)
    if query(ctypes.byref(interface_id(PLUGIN_FACTORY_2)), ctypes.byref(second)) != 0:
        sys.exit(f"{library}: the factory has no IPluginFactory2")
    info = FactoryInfo()
    method(second.value, 3, ctypes.c_int32, ctypes.c_void_p)(ctypes.byref(info))
    classes = []
    for index in range(method(second.value, 4, ctypes.c_int32)()):
        entry = ClassInfo2()
        get = method(second.value, 7, ctypes.c_int32, ctypes.c_int32, ctypes.c_void_p)
        if get(index, ctypes.byref(entry)) != 0:
            sys.exit(f"{library}: class {index} says nothing about itself")
        classes.append(entry)
    if not classes:
        sys.exit(f"{library}: the factory has no classes")
    return info, classes


def module_info(library):
    """The content of moduleinfo.json, from the factory's own answers."""
    info, classes = vst3_classes(library)
    own = [entry for entry in classes if entry.category.decode() == AUDIO_MODULE]
    return {
        "Name": own[0].name.decode(),
        "Version": own[0].version.decode(),
        "Factory Info": {
            "Vendor": info.vendor.decode(), "URL": info.url.decode(), "E-Mail": info.email.decode(),
            "Flags": {
                "Unicode": bool(info.flags & 16),
                "Classes Discardable": bool(info.flags & 1),
                "Component Non Discardable": bool(info.flags & 8),
            },
        },
        "Compatibility": [],
        "Classes": [
            {
                "CID": class_id(entry.cid),
                "Category": entry.category.decode(),
                "Name": entry.name.decode(),
                "Vendor": entry.vendor.decode() or info.vendor.decode(),
                "Version": entry.version.decode(),
                "SDKVersion": entry.sdk_version.decode(),
                "Sub Categories": [part for part in entry.sub_categories.decode().split("|") if part],
                "Class Flags": entry.flags,
                "Cardinality": entry.cardinality,
                "Snapshots": [],
            }
            for entry in classes
        ],
    }


def clap_plugins(library):
    """The id, name, version and features of each CLAP plugin."""
    module = ctypes.CDLL(library)
    entry = ClapEntry.in_dll(module, "clap_entry")
    if not entry.init(str(library).encode()):
        sys.exit(f"{library}: clap_entry.init refused")
    address = entry.get_factory(b"clap.plugin-factory")
    if not address:
        sys.exit(f"{library}: no plugin factory")
    factory = ClapFactory.from_address(address)
    plugins = []
    for index in range(factory.count(address)):
        found = factory.descriptor(address, index).contents
        features = []
        while found.features[len(features)]:
            features.append(found.features[len(features)].decode())
        plugins.append((found.id.decode(), found.name.decode(), found.version.decode(), features))
    entry.deinit()
    return plugins


def needed(library):
    """The shared libraries that a 64-bit ELF file asks for."""
    data = pathlib.Path(library).read_bytes()
    if data[:5] != b"\x7fELF\x02":
        return []
    sections = struct.unpack_from("<Q", data, 0x28)[0]
    size, count = struct.unpack_from("<HH", data, 0x3A)
    headers = [struct.unpack_from("<IIQQQQIIQQ", data, sections + index * size) for index in range(count)]
    names = []
    for header in headers:
        if header[1] != 6:  # SHT_DYNAMIC
            continue
        strings = headers[header[6]][4]
        for offset in range(header[4], header[4] + header[5], 16):
            tag, value = struct.unpack_from("<QQ", data, offset)
            if tag == 1:  # DT_NEEDED
                start = strings + value
                names.append(data[start : data.index(b"\0", start)].decode())
    return names


def check_resources(folder):
    """Models as their contracts say, a runtime, licences."""
    folder = pathlib.Path(folder)
    models = sorted(path for path in (folder / "models").iterdir() if path.is_dir())
    if not models:
        sys.exit(f"{folder}: no models")
    for model in models:
        contract = (model / "contract.toml").read_text(encoding="utf-8")
        files = sorted(model.glob("*.onnx"))
        for file in files:
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            if digest not in contract:
                sys.exit(f"{file}: its SHA-256 {digest} is not in contract.toml")
            print(f"  model {model.name}: {file.name} {file.stat().st_size} bytes, as in its contract")
    runtimes = [path for path in (folder / "onnxruntime").iterdir() if path.stat().st_size > 1_000_000]
    if len(runtimes) != 1:
        sys.exit(f"{folder}: {len(runtimes)} runtimes instead of one")
    print(f"  runtime {runtimes[0].name}: {runtimes[0].stat().st_size} bytes")
    for name in ("LICENSE-MIT", "LICENSE-APACHE", "THIRD-PARTY.txt"):
        if not (folder / "licences" / name).is_file():
            sys.exit(f"{folder}: no licences/{name}")


def check(clap, clap_resources, vst3, vst3_resources):
    """Everything above, with what was found printed."""
    print(clap)
    plugins = clap_plugins(clap)
    for plugin in plugins:
        print("  CLAP {} {!r} {} {}".format(*plugin))
    check_resources(clap_resources)
    print(vst3)
    written = json.loads((pathlib.Path(vst3_resources) / "moduleinfo.json").read_text(encoding="utf-8"))
    said = module_info(vst3)
    if written != said:
        sys.exit("moduleinfo.json and the library's factory do not say the same")
    for entry in said["Classes"]:
        print("  VST3 {CID} {Name!r} {Version} {Sub Categories}".format(**entry))
    check_resources(vst3_resources)
    clap_names = sorted(name for _, name, _, _ in plugins)
    vst3_names = sorted(entry["Name"] for entry in said["Classes"] if entry["Category"] == AUDIO_MODULE)
    if clap_names != vst3_names or clap_names != ["Continuo", "Continuo Master"]:
        sys.exit(f"plugins in CLAP {clap_names}, in VST3 {vst3_names}")
    foreign = sorted({name for file in (clap, vst3) for name in needed(file)} - LINUX_LIBRARIES)
    if foreign:
        sys.exit(f"the libraries link to {', '.join(foreign)}")


def main():
    """Dispatches the two commands."""
    match sys.argv[1:]:
        case ["moduleinfo", library, out]:
            pathlib.Path(out).write_text(json.dumps(module_info(library), indent=2) + "\n", encoding="utf-8")
        case ["check", clap, clap_resources, vst3, vst3_resources]:
            check(clap, clap_resources, vst3, vst3_resources)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
