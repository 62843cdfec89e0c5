import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.SimpleRecord;

/** Writes what the official client encodes for every API and version; see README.md. */
public final class Vectors {
  private static int counter;

  /** APIs between brokers, of which Sabir has no tables. */
  private static final Set<Integer> NOT_FOR_CLIENTS = Set.of(27, 80, 81, 83, 84, 85, 86, 87);

  /** Adds to the files in a folder what they do not have yet. */
  public static void main(String[] arguments) throws Exception {
    Path target = Path.of(arguments[0]);
    Files.createDirectories(target);
    Map<Integer, List<String>> lines = new TreeMap<>();
    for (ApiMessageType api : ApiMessageType.values()) {
      boolean isForClients = api.listeners().contains(ApiMessageType.ListenerType.BROKER);
      if (!isForClients || NOT_FOR_CLIENTS.contains((int) api.apiKey())) continue;
      List<String> text = lines.computeIfAbsent(api.apiKey() / 10, key -> new ArrayList<>());
      describe(api, "request", api.requestSchemas(), text);
      describe(api, "response", api.responseSchemas(), text);
    }
    for (var entry : lines.entrySet()) {
      int tens = entry.getKey();
      Path file = target.resolve("keys-%d0-%d9.txt".formatted(tens, tens));
      List<String> known = Files.exists(file) ? Files.readAllLines(file) : List.of();
      Set<String> names = known.stream().map(Vectors::nameOf).collect(Collectors.toSet());
      List<String> all = new ArrayList<>(known);
      for (String line : entry.getValue()) if (!names.contains(nameOf(line))) all.add(line);
      Files.write(file, all);
    }
  }

  /** Kafka 3.9 carried a draft of share groups that was withdrawn. */
  private static boolean isEarlyShare(ApiMessageType api, short version) {
    return version == 0 && api.apiKey() >= 76 && api.apiKey() <= 79;
  }

  private static String nameOf(String line) {
    return String.join(" ", Arrays.copyOf(line.split(" ", 4), 3));
  }

  private static void describe(
      ApiMessageType api, String direction, Schema[] schemas, List<String> text) throws Exception {
    for (short version = 0; version < schemas.length; version++) {
      if (schemas[version] == null || isEarlyShare(api, version)) continue;
      String name = "%d %d %s ".formatted(api.apiKey(), version, direction);
      for (boolean full : new boolean[] {true, false}) {
        counter = 0;
        ApiMessage message = direction.equals("request") ? api.newRequest() : api.newResponse();
        fill(message, schemas[version], full, 2);
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer bytes = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(bytes), cache, version);
        text.add(name + HexFormat.of().formatHex(bytes.array()));
        if (full && version == schemas.length - 1) text.add(name + json(message, version));
      }
    }
  }

  private static JsonNode json(ApiMessage message, short version) throws Exception {
    Class<?> converter = Class.forName(message.getClass().getName() + "JsonConverter");
    return (JsonNode)
        converter
            .getMethod("write", message.getClass(), short.class)
            .invoke(null, message, version);
  }

  /** Fills what the schema of the version has; the schema does not say which structs may be null. */
  private static void fill(Object target, Schema schema, boolean full, int items) throws Exception {
    for (BoundField field : schema.fields()) {
      if (field.def.type instanceof TaggedFields tags) {
        if (!full) continue;
        for (Field tag : fieldsOf(tags).values()) set(target, tag.name, tag.type, true, 1);
      } else set(target, field.def.name, field.def.type, full, items);
    }
  }

  private static void set(Object target, String name, Type type, boolean full, int items)
      throws Exception {
    java.lang.reflect.Field field = fieldOf(target, name);
    Object value;
    if (!full && type.isNullable()) value = null;
    else if (type.arrayElementType().isPresent()) {
      value = list(field, type.arrayElementType().get(), full ? items : 0);
    } else if (type instanceof Schema schema) {
      if (!full && field.get(target) == null) return; // Its default says that it may be null.
      value = filled(field.getType(), schema, full);
    } else value = scalar(type.toString(), full, field.getType());
    field.set(target, value);
  }

  private static Object filled(Class<?> type, Schema schema, boolean full) throws Exception {
    Object target = type.getConstructor().newInstance();
    fill(target, schema, full, 1);
    return target;
  }

  @SuppressWarnings("unchecked")
  private static Collection<Object> list(java.lang.reflect.Field field, Type of, int items)
      throws Exception {
    boolean isPlain = field.getType() == List.class;
    Collection<Object> list =
        isPlain
            ? new ArrayList<>()
            : (Collection<Object>) field.getType().getConstructor().newInstance();
    ParameterizedType generic =
        (ParameterizedType)
            (isPlain ? field.getGenericType() : field.getType().getGenericSuperclass());
    Class<?> item = (Class<?>) generic.getActualTypeArguments()[0];
    for (int index = 0; index < items; index++)
      list.add(of instanceof Schema schema ? filled(item, schema, true) : scalar(of.toString(), true, item));
    return list;
  }

  /** Schemas say fetch_offset for what the class calls fetchOffset. */
  private static java.lang.reflect.Field fieldOf(Object target, String name) {
    String wanted = name.replace("_", "");
    for (java.lang.reflect.Field field : target.getClass().getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers()) || !field.getName().equalsIgnoreCase(wanted)) continue;
      field.setAccessible(true);
      return field;
    }
    throw new IllegalStateException(target.getClass() + " has no " + name);
  }

  /** Kafka 3.9 has no accessor yet. */
  @SuppressWarnings("unchecked")
  private static Map<Integer, Field> fieldsOf(TaggedFields tags) {
    try {
      java.lang.reflect.Field fields = TaggedFields.class.getDeclaredField("fields");
      fields.setAccessible(true);
      return (Map<Integer, Field>) fields.get(tags);
    } catch (ReflectiveOperationException absent) {
      throw new IllegalStateException(absent);
    }
  }

  private static Object scalar(String type, boolean full, Class<?> as) {
    int number = full ? ++counter : 0;
    boolean negative = number % 3 == 2;
    return switch (type) {
      case "BOOLEAN" -> full;
      case "INT8" -> (byte) (negative ? -number : number);
      case "INT16" -> (short) (negative ? -number - 256 : number + 256);
      case "UINT16" -> number + 40_000;
      case "INT32" -> negative ? -number - 70_000 : number + 70_000;
      case "UINT32" -> number + 3_000_000_000L;
      case "INT64" -> negative ? -number - (1L << 40) : number + (1L << 40);
      case "FLOAT64" -> number + 0.25;
      case "UUID" -> new Uuid(number == 0 ? 0 : number + (255L << 48), number);
      case "STRING", "NULLABLE_STRING", "COMPACT_STRING", "COMPACT_NULLABLE_STRING" ->
          full ? "s" + number + (negative ? "é" : "") : "";
      case "BYTES", "NULLABLE_BYTES", "COMPACT_BYTES", "COMPACT_NULLABLE_BYTES" ->
          as == ByteBuffer.class ? ByteBuffer.wrap(bytes(number)) : bytes(number);
      case "RECORDS", "COMPACT_RECORDS", "NULLABLE_RECORDS", "COMPACT_NULLABLE_RECORDS" ->
          MemoryRecords.withRecords(
              Compression.NONE, new SimpleRecord(1234L, "k".getBytes(), "v".getBytes()));
      default -> throw new IllegalArgumentException(type);
    };
  }

  private static byte[] bytes(int number) {
    return number == 0 ? new byte[0] : new byte[] {(byte) number, -1, 0};
  }
}
