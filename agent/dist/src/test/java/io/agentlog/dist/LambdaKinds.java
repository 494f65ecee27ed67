package io.agentlog.dist;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.IntSupplier;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Lambdas and method references of every kind; the test compares their results. */
public class LambdaKinds implements Supplier<List<String>> {
  private final String name = "me";
  private final List<String> said = new ArrayList<>();

  interface Shape {
    double area(long width, double height);

    default Supplier<Double> unit() {
      return () -> area(1, half()) + privateHalf();
    }

    private double privateHalf() {
      return 0.5;
    }

    static double half() {
      Supplier<Double> half = () -> 0.5;
      return half.get();
    }
  }

  abstract static class Base {
    protected String greet(String who) {
      return "hello " + who;
    }
  }

  static final class Derived extends Base {
    private final int secret;

    private Derived(int secret) {
      this.secret = secret;
    }

    @Override
    protected String greet(String who) {
      Function<String, String> above = super::greet;
      return above.apply(who) + "!";
    }

    private int secret() {
      return secret;
    }
  }

  interface Generic<T extends Comparable<T>> {
    T larger(T one, T other);
  }

  interface Thrower {
    void run() throws Exception;
  }

  @Override
  @SuppressWarnings("ReturnValueIgnored") // A Runnable returns nothing.
  public List<String> get() {
    long big = 1L << 40;
    double ratio = 0.25;
    int small = 3;
    Runnable nothing = () -> said.add("ran " + name);
    nothing.run();
    Runnable dropping = this::number;
    dropping.run();
    Supplier<String> capturing = () -> name + big + ratio + small;
    say(capturing.get());
    Function<Integer, Derived> make = Derived::new;
    ToIntFunction<Derived> secret = Derived::secret;
    say(secret.applyAsInt(make.apply(7)));
    Function<String, String> bound = new Derived(1)::greet;
    say(bound.apply("you"));
    IntFunction<String[]> array = String[]::new;
    say(array.apply(4).length);
    Function<int[], int[]> copy = int[]::clone;
    say(copy.apply(new int[] {1, 2}).length);
    Shape rectangle = (width, height) -> width * height;
    say(rectangle.area(3, 2.5));
    say(rectangle.unit().get());
    ToLongFunction<Integer> widened = Integer::intValue;
    say(widened.applyAsLong(5));
    ToDoubleFunction<Integer> unboxed = value -> value;
    say(unboxed.applyAsDouble(6));
    LongFunction<Object> boxed = Long::valueOf;
    say(boxed.apply(7));
    IntSupplier length = name::length;
    say(length.getAsInt());
    DoubleSupplier asDouble = length::getAsInt;
    say(asDouble.getAsDouble());
    Supplier<Object> asObject = length::getAsInt;
    say(asObject.get());
    BiFunction<String, String, Boolean> equal = String::equals;
    say(equal.apply("a", "a"));
    Generic<String> larger = (one, other) -> one.compareTo(other) > 0 ? one : other;
    say(larger.larger("b", "c"));
    Comparator<String> order = Comparator.comparing(String::length);
    say(Stream.of("ccc", "a", "bb").sorted(order.reversed()).collect(Collectors.toList()));
    say(IntStream.range(0, 5).mapToObj(i -> i * small).map(String::valueOf).toList());
    Callable<Supplier<String>> nested = () -> () -> name + small;
    Thrower thrower =
        () -> {
          throw new IllegalStateException("thrown " + name);
        };
    Runnable serializable = (Runnable & Serializable) () -> said.add("serializable");
    serializable.run();
    try {
      say(nested.call().get());
      thrower.run();
    } catch (Exception e) {
      say(e.getMessage());
    }
    Supplier<Supplier<String>> ofNested =
        () ->
            new Object() {
                  String text() {
                    Supplier<String> inner = () -> name + said.size();
                    return inner.get();
                  }
                }
                ::text;
    say(ofNested.get().get());
    char letter = 'x';
    byte tiny = 1;
    short two = 2;
    float real = 1.5f;
    boolean yes = true;
    say(((Supplier<String>) () -> "" + letter + tiny + two + real + yes).get());
    return said;
  }

  private int number() {
    return said.size();
  }

  private void say(Object what) {
    said.add(String.valueOf(what));
  }
}
